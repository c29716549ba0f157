// The campaign of a flash that lies: it answers a sync although it did nothing, and then the power fails. No store can keep what its
// flash loses; but it must not pass off as whole what is not. Promised is:
//
//   - what is found is everything acknowledged, or what it once was: all transactions up to one of them, and none behind it;
//   - or the target says that it cannot read what is there. Never anything else.
//
// One sync, two or four of them lie, and all from the beginning; the power fails in every operation behind.

import { cutsOf, describeCut } from "sim/campaign/cuts";
import { type CutOptions, Cutter } from "sim/campaign/cutter";
import type { Cut, FlashModel } from "sim/campaign/flash-model";
import { describeDifference, judge, textOf } from "sim/campaign/judge";
import { count, type Outcome } from "sim/campaign/outcome";
import type { Opened, Scenario } from "sim/campaign/target";
import { type Moment, prepare } from "sim/campaign/timeline";
import { goThrough, type Trial } from "sim/campaign/trials";

export interface LieOutcome extends Outcome {
  /** Of `recovered`, where an older state was found. Every other cut is in `unreadable`, and is no violation where it was said. */
  readonly older: number;
}

const liesOf = [1, 2, 4, Number.POSITIVE_INFINITY];

export async function lieAboutSyncs<Program extends Opened>(
  scenario: Scenario<Program>,
  options: CutOptions = {},
): Promise<LieOutcome> {
  const lies = new Lies(scenario, options);
  const outcome = await lies.cutter.finish(() => lies.run());
  return { ...outcome, older: lies.older };
}

class Lies<Program extends Opened> {
  readonly cutter: Cutter<Program>;
  older = 0;
  readonly #scenario: Scenario<Program>;

  constructor(scenario: Scenario<Program>, options: CutOptions) {
    this.#scenario = scenario;
    this.cutter = new Cutter(scenario, options);
  }

  async run(): Promise<void> {
    const { flash, held } = await prepare(this.#scenario);
    const { moments } = await goThrough(this.#scenario, { flash: flash.clone(), held }, this.#scenario.steps);
    this.cutter.outcome.operations = moments.length;
    for (const lies of liesOf) await this.#cutEach(moments, flash.clone(), lies);
  }

  /** `flash` is as it was before the first sync that lies. */
  async #cutEach(moments: readonly Moment[], flash: FlashModel, lies: number): Promise<void> {
    const { stride, subsets } = this.cutter.options;
    const history = new Set<string>();
    const lied: number[] = [];
    let begun = 0;
    for (const [index, { operation, expected }] of moments.entries()) {
      history.add(textOf(expected.held));
      const seen = flash.clone();
      for (const moment of moments.slice(begun, index))
        if (moment.operation.operation !== "sync") seen.perform(moment.operation);
      for (const cut of index % stride === 0 && lied.length > 0 ? cutsOf(operation, seen.held, subsets) : []) {
        if (this.cutter.isOver) return;
        const told = [`${lied.length} syncs lied, the last one ${lied[lied.length - 1]}`, describeCut(index + 1, cut)];
        await this.#tryCut(seen, cut, { history, expected, told });
      }
      if (operation.operation === "sync") lied.push(index + 1);
      if (lied.length <= lies) continue;
      const honest = lied.shift() as number;
      for (const moment of moments.slice(begun, honest)) flash.perform(moment.operation);
      begun = honest;
    }
  }

  async #tryCut(
    flash: FlashModel,
    cut: Cut,
    {
      history,
      expected,
      told,
    }: Pick<Moment, "expected"> & { readonly history: ReadonlySet<string>; readonly told: readonly string[] },
  ): Promise<void> {
    const { outcome, trials } = this.cutter;
    outcome.cuts++;
    const { found, trouble }: Trial = await trials.of(flash.leftBy(cut));
    if (trouble?.kind === "unreadable") count(outcome, "unreadable");
    else if (trouble !== undefined || found === undefined) this.cutter.report(trouble ?? nothing, told);
    else if (judge(found, expected) === "recovered") count(outcome, "recovered");
    else if (history.has(textOf(found))) {
      count(outcome, "recovered");
      this.older++;
    } else this.cutter.report({ kind: "half-visible", what: describeDifference(found, expected) }, told);
  }
}

const nothing = { kind: "broken", what: "nothing was found, and nothing said" } as const;
