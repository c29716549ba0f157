// One run of a scenario, recorded: every operation of the flash, and what was acknowledged, and under way, at each of them. From it
// every cut of that run can be made without running it again, for the program is told of nothing before it is cut.

import { FlashModel, type FlashOperation } from "sim/campaign/flash-model";
import { type Expected, isSame } from "sim/campaign/judge";
import { CampaignMedium, type PlannedCut, PowerFailure } from "sim/campaign/medium";
import {
  type Answer,
  type Changing,
  changed,
  type Held,
  type Opened,
  type Scenario,
  type Step,
} from "sim/campaign/target";

export interface Moment {
  readonly operation: FlashOperation;
  /** Of what is found if the power fails in it. */
  readonly expected: Expected;
}

export interface Timeline {
  readonly moments: readonly Moment[];
  /** After the last step. */
  readonly expected: Expected;
  /** Whether the planned cut came: in the last moment. */
  readonly isCut: boolean;
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
  { steps, held, cut }: Run<Program>,
): Promise<Timeline> {
  const medium = new CampaignMedium(flash, cut);
  const moments: Moment[] = [];
  let expected: Expected = { held, others: [] };
  const note = (): void => {
    for (const operation of medium.recorded.slice(moments.length)) moments.push({ operation, expected });
  };
  try {
    const program = await scenario.open(medium);
    note();
    for (const step of steps) {
      const before = expected;
      expected = during(before, step.changes);
      const answer = await step.perform(program);
      note();
      expected = after(before, step.changes, answer);
    }
    return { moments, expected, isCut: false };
  } catch (error) {
    if (!(error instanceof PowerFailure)) throw error;
    note();
    return { moments, expected, isCut: true };
  }
}

function during({ held, others }: Expected, changes: Changing): Expected {
  if (changes.size === 0) return { held, others };
  const possible = [held, ...others];
  const more = possible
    .map((each) => changed(each, changes))
    .filter((each) => !possible.some((one) => isSame(one, each)));
  return { held, others: [...others, ...more] };
}

function after(before: Expected, changes: Changing, answer: Answer): Expected {
  if (answer === "failed") return during(before, changes);
  if (answer === "refused" || changes.size === 0) return before;
  return { held: changed(before.held, changes), others: before.others.map((each) => changed(each, changes)) };
}

/** The flash on which the steps of a scenario begin, and what is held there. */
export async function prepare<Program extends Opened>(
  scenario: Scenario<Program>,
): Promise<{ readonly flash: FlashModel; readonly held: Held }> {
  const flash = new FlashModel(scenario.geometry);
  const { before: steps = [] } = scenario;
  if (steps.length === 0) return { flash, held: new Map() };
  const { expected } = await record(scenario, flash, { steps, held: new Map() });
  return { flash, held: expected.held };
}
