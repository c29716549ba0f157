// The exhaustive power-cut runner: every operation of a scenario, cut at every point, with what was not synced kept, lost and in
// several subsets; each time the target is opened anew from the flash alone, judged, and made to go on. With `isDouble` every
// operation of that going on is cut in the same ways.

import type { Cut, CutPoint, FlashModel, FlashOperation, Unsynced } from "sim/campaign/flash-model";
import { describeDifference, type Expected, judge } from "sim/campaign/judge";
import { addSeconds, count, noOutcome, noTally, type Outcome, type Tally } from "sim/campaign/outcome";
import type { Opened, Scenario } from "sim/campaign/target";
import { type Moment, prepare, record } from "sim/campaign/timeline";
import { goThrough, type Trial, Trials, type Trouble, troubleOf } from "sim/campaign/trials";

export interface CutOptions {
  readonly isDouble?: boolean;
  /** Ends at so many violations: one proves as much as a thousand. */
  readonly violationsMost?: number;
  /** Only every so many operations. */
  readonly stride?: number;
  /** So many subsets of what was not synced, each by another seed. */
  readonly subsets?: number;
  /** Tries the same flash again and again: to show that it makes no difference. */
  readonly isEachTried?: boolean;
}

const points: readonly CutPoint[] = ["before", "first-half", "all-but-last", "some-bits", "unstable", "after"];

/** What may become of operations that no sync reached; where there are none it makes no difference. */
function waysOf(held: number, subsets: number): { readonly unsynced: Unsynced; readonly seed: number }[] {
  if (held === 0) return [{ unsynced: "kept", seed: 1 }];
  const seeds = Array.from({ length: subsets }, (_, seed) => ({ unsynced: "subset" as const, seed }));
  return [{ unsynced: "kept", seed: 0 }, { unsynced: "lost", seed: 0 }, { unsynced: "lost", seed: 1 }, ...seeds];
}

/** Of an erase alone the sixth point differs from the fourth, and a sync tears between operations. */
function pointsOf({ operation }: FlashOperation, held: number): readonly CutPoint[] {
  if (operation === "erase") return points;
  if (operation === "program") return points.filter((point) => point !== "unstable");
  return held === 0 ? ["after"] : ["first-half", "all-but-last", "after"];
}

export class PowerCutRunner<Program extends Opened> {
  readonly #outcome: Outcome;
  readonly #scenario: Scenario<Program>;
  readonly #options: Required<CutOptions>;
  readonly #trials: Trials<Program>;
  /** What became of the second cuts, by the trial of what the first one left: they follow from it as it does from its flash. */
  readonly #seconds = new Map<Trial, Tally>();

  private constructor(scenario: Scenario<Program>, options: CutOptions) {
    this.#scenario = scenario;
    this.#options = { isDouble: false, violationsMost: 20, subsets: 4, stride: 1, isEachTried: false, ...options };
    this.#trials = new Trials(scenario, this.#options);
    this.#outcome = noOutcome(scenario.name);
  }

  static async run<Program extends Opened>(scenario: Scenario<Program>, options: CutOptions = {}): Promise<Outcome> {
    const runner = new PowerCutRunner(scenario, options);
    try {
      await runner.#run();
    } catch (error) {
      runner.#report(runner.#outcome, [], troubleOf(error));
    }
    return { ...runner.#outcome, distinct: runner.#trials.distinct };
  }

  async #run(): Promise<void> {
    const { flash, held } = await prepare(this.#scenario);
    const run = { steps: this.#scenario.steps, held };
    const { moments, trouble } = await goThrough(this.#scenario, flash.clone(), run);
    this.#outcome.operations = moments.length;
    if (trouble !== undefined) this.#report(this.#outcome, [], trouble);
    await this.#cutEach(moments, flash, { tally: this.#outcome, before: [] });
  }

  /** Every cut of operations that begin on this flash. */
  async #cutEach(moments: readonly Moment[], flash: FlashModel, { tally, before }: Where): Promise<void> {
    for (const [index, { operation, expected }] of moments.entries()) {
      const isCut = index % this.#options.stride === 0;
      for (const point of isCut ? pointsOf(operation, flash.held) : [])
        for (const { unsynced, seed } of waysOf(flash.held, this.#options.subsets)) {
          if (this.#outcome.violations.length >= this.#options.violationsMost) return;
          const cut = { unsynced, seed, during: { operation, point } };
          await this.#tryCut(flash.leftBy(cut), expected, { tally, before: [...before, describeCut(index + 1, cut)] });
        }
      flash.perform(operation);
    }
  }

  async #tryCut(left: FlashModel, expected: Expected, { tally, before: cuts }: Where): Promise<void> {
    tally.cuts++;
    const trial = await this.#trials.of(left);
    const trouble = troubleWith(trial, expected);
    if (trouble === undefined) count(tally, "recovered");
    else this.#report(tally, cuts, trouble);
    if (this.#options.isDouble && cuts.length === 1) addSeconds(this.#outcome, await this.#cutAgain(left, trial, cuts));
  }

  /** While the target gets up and works on. */
  async #cutAgain(flash: FlashModel, trial: Trial, cuts: readonly string[]): Promise<Tally> {
    const known = this.#seconds.get(trial);
    const { found: held, trouble } = trial;
    if (known !== undefined || held === undefined || trouble !== undefined) return known ?? noTally();
    const tally = noTally();
    this.#seconds.set(trial, tally);
    const { moments } = await record(this.#scenario, flash.clone(), { steps: this.#scenario.afterwards, held });
    await this.#cutEach(moments, flash, { tally, before: cuts });
    return tally;
  }

  #report(tally: Tally, cuts: readonly string[], { kind, what }: Trouble): void {
    count(tally, kind);
    this.#outcome.violations.push({ scenario: this.#outcome.scenario, cuts, kind, what });
  }
}

interface Where {
  readonly tally: Tally;
  /** The cuts that led there. */
  readonly before: readonly string[];
}

/** Between what was found and what may be, or in going on. */
export function troubleWith({ found, trouble }: Trial, expected: Expected): Trouble | undefined {
  if (found === undefined) return trouble;
  const verdict = judge(found, expected);
  return verdict === "recovered" ? trouble : { kind: verdict, what: describeDifference(found, expected) };
}

export function describeCut(number: number, { unsynced, seed, during }: Cut): string {
  return `${number} ${during?.operation.operation ?? ""} ${during?.point ?? ""}, un-synced ${unsynced}, seed ${seed}`;
}
