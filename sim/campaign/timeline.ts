// One run of a scenario without a cut, recorded: every operation of the flash, and what was acknowledged, and under way, at each
// of them. From it every cut of that run can be made without running it again, for the program is told of nothing before it is
// cut.

import { FlashModel, type FlashOperation } from "sim/campaign/flash-model";
import type { Expected } from "sim/campaign/judge";
import { CampaignMedium, type PlannedCut, PowerFailure } from "sim/campaign/medium";
import { changed, type Held, type Opened, type Scenario, type Step } from "sim/campaign/target";

export interface Moment {
  readonly operation: FlashOperation;
  readonly expected: Expected;
}

/** What a program does from a flash on, with what is expected if the power fails in each of its operations. */
export interface Timeline {
  readonly moments: readonly Moment[];
  /** After the last step. */
  readonly held: Held;
  /** Where the planned cut came: what may be found. */
  readonly cutAt: Expected | undefined;
}

export interface Run<Program extends Opened> {
  readonly steps: readonly Step<Program>[];
  /** What is on the flash. */
  readonly held: Held;
  readonly cut?: PlannedCut;
}

/** Runs steps on a flash, which then holds what they leave, or what the cut left. */
export async function record<Program extends Opened>(
  scenario: Scenario<Program>,
  flash: FlashModel,
  { steps, held: before, cut }: Run<Program>,
): Promise<Timeline> {
  const medium = new CampaignMedium(flash, cut);
  const moments: Moment[] = [];
  let expected: Expected = { held: before, pending: undefined };
  const note = (): void => {
    for (const operation of medium.recorded.slice(moments.length)) moments.push({ operation, expected });
  };
  try {
    const program = await scenario.open(medium);
    note();
    for (const step of steps) {
      const { held } = expected;
      expected = { held, pending: step.changes };
      const isDone = await step.perform(program);
      note();
      expected = { held: isDone ? changed(held, step.changes) : held, pending: undefined };
    }
    return { moments, held: expected.held, cutAt: undefined };
  } catch (error) {
    if (!(error instanceof PowerFailure)) throw error;
    return { moments, held: expected.held, cutAt: expected };
  }
}

/** The flash on which the steps of a scenario begin, and what is held there. */
export async function prepare<Program extends Opened>(
  scenario: Scenario<Program>,
): Promise<{ readonly flash: FlashModel; readonly held: Held }> {
  const flash = new FlashModel(scenario.geometry);
  const { before: steps = [] } = scenario;
  if (steps.length === 0) return { flash, held: new Map() };
  const { held } = await record(scenario, flash, { steps, held: new Map() });
  return { flash, held };
}
