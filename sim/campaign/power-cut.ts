// The exhaustive power-cut campaign of one scenario: the power fails in every operation of it.

import { type CutOptions, Cutter } from "sim/campaign/cutter";
import type { Outcome } from "sim/campaign/outcome";
import type { Opened, Scenario } from "sim/campaign/target";
import { prepare } from "sim/campaign/timeline";
import { goThrough } from "sim/campaign/trials";

export function cutPower<Program extends Opened>(
  scenario: Scenario<Program>,
  options: CutOptions = {},
): Promise<Outcome> {
  const cutter = new Cutter(scenario, options);
  return cutter.finish(async () => {
    const { flash, held } = await prepare(scenario);
    const { moments, trouble } = await goThrough(scenario, { flash: flash.clone(), held }, scenario.steps);
    cutter.outcome.operations = moments.length;
    if (trouble !== undefined) cutter.report(trouble, []);
    await cutter.cutEach(moments, flash);
  });
}
