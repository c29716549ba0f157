// One life of a target, recorded: every operation of the flash, and what was acknowledged, and under way, at each of them. From it
// every cut of that life can be made without living it again, for the program is told of nothing before it is cut.

import type { Medium } from "services/storage/medium";
import { FlashModel, type FlashOperation } from "sim/campaign/flash-model";
import { type Expected, isSame } from "sim/campaign/judge";
import { CampaignMedium, PowerFailure } from "sim/campaign/medium";
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

export interface RecordingMedium extends Medium {
  readonly recorded: readonly Moment["operation"][];
}

/** A flash, and what is held on it. */
interface Begin {
  readonly medium: RecordingMedium;
  readonly held: Held;
}

export class Life<Program extends Opened> {
  readonly moments: Moment[] = [];
  #expected: Expected;
  readonly #scenario: Scenario<Program>;
  readonly #medium: RecordingMedium;
  #program: Program | undefined;

  constructor(scenario: Scenario<Program>, { medium, held }: Begin) {
    this.#scenario = scenario;
    this.#medium = medium;
    this.#expected = { held, others: [] };
  }

  /** Of what is there when it is opened again. */
  get expected(): Expected {
    return this.#expected;
  }

  get program(): Program {
    if (this.#program === undefined) throw new Error("the target was not opened");
    return this.#program;
  }

  async open(): Promise<void> {
    try {
      this.#program = await this.#scenario.open(this.#medium);
    } finally {
      this.#note();
    }
  }

  async take({ changes, perform }: Step<Program>): Promise<Answer> {
    const before = this.#expected;
    this.#expected = during(before, changes);
    try {
      const answer = await perform(this.program);
      this.#note();
      this.#expected = after(before, changes, answer);
      return answer;
    } finally {
      this.#note();
    }
  }

  #note(): void {
    for (const operation of this.#medium.recorded.slice(this.moments.length))
      this.moments.push({ operation, expected: this.#expected });
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

export interface Lived {
  readonly moments: readonly Moment[];
  readonly expected: Expected;
  /** Whether the power failed: in the last moment. */
  readonly isCut: boolean;
}

/** Opens what lies there and takes the steps, as far as the power lasts. */
export async function live<Program extends Opened>(
  scenario: Scenario<Program>,
  begin: Begin,
  steps: Iterable<Step<Program>>,
): Promise<Lived> {
  const life = new Life(scenario, begin);
  try {
    await life.open();
    for (const step of steps) await life.take(step);
    return { moments: life.moments, expected: life.expected, isCut: false };
  } catch (error) {
    if (!(error instanceof PowerFailure)) throw error;
    return { moments: life.moments, expected: life.expected, isCut: true };
  }
}

/** The flash on which the steps of a scenario begin, and what is held there. */
export async function prepare<Program extends Opened>(
  scenario: Scenario<Program>,
): Promise<{ readonly flash: FlashModel; readonly held: Held }> {
  const flash = new FlashModel(scenario.geometry);
  const { before = [] } = scenario;
  if (before.length === 0) return { flash, held: new Map() };
  const { expected } = await live(scenario, { medium: new CampaignMedium(flash), held: new Map() }, before);
  return { flash, held: expected.held };
}
