// Cuts the operations of a life, each at every point, with what was not synced kept, lost and in several subsets; each time the
// target is opened anew from the flash alone, judged, and made to go on. With `isDouble` every operation of that getting up and
// going on is cut in the same ways.

import { cutsOf, describeCut } from "sim/campaign/cuts";
import type { FlashModel } from "sim/campaign/flash-model";
import { describeDifference, type Expected, judge } from "sim/campaign/judge";
import { CampaignMedium } from "sim/campaign/medium";
import { addSeconds, count, noOutcome, noTally, type Outcome, type Tally } from "sim/campaign/outcome";
import type { Opened, Scenario } from "sim/campaign/target";
import { live, type Moment } from "sim/campaign/timeline";
import { type Trial, Trials, type Trouble, troubleOf } from "sim/campaign/trials";

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

interface Where {
  readonly tally: Tally;
  /** What was done to the flash before. */
  readonly before: readonly string[];
}

export class Cutter<Program extends Opened> {
  readonly outcome: Outcome;
  readonly options: Required<CutOptions>;
  readonly trials: Trials<Program>;
  readonly #scenario: Scenario<Program>;
  /** What became of the second cuts, by the trial of what the first one left: they follow from it as it does from its flash. */
  readonly #seconds = new Map<Trial, Tally>();

  constructor(scenario: Scenario<Program>, options: CutOptions) {
    this.#scenario = scenario;
    this.options = { isDouble: false, violationsMost: 20, subsets: 4, stride: 1, isEachTried: false, ...options };
    this.trials = new Trials(scenario, this.options);
    this.outcome = noOutcome(scenario.name);
  }

  get isOver(): boolean {
    return this.outcome.violations.length >= this.options.violationsMost;
  }

  /** What the campaign of a scenario does; an error that it throws is a violation, too. */
  async finish(campaign: () => Promise<void>): Promise<Outcome> {
    try {
      await campaign();
    } catch (error) {
      this.report(troubleOf(error), []);
    }
    return { ...this.outcome, distinct: this.trials.distinct };
  }

  /** Every cut of operations that begin on this flash; `before`: what was done to it already. */
  cutEach(moments: readonly Moment[], flash: FlashModel, before: readonly string[] = []): Promise<void> {
    return this.#cutEach(moments, flash, { tally: this.outcome, before });
  }

  report({ kind, what }: Trouble, cuts: readonly string[], tally: Tally = this.outcome): void {
    count(tally, kind);
    this.outcome.violations.push({ scenario: this.outcome.scenario, cuts, kind, what });
  }

  async #cutEach(moments: readonly Moment[], flash: FlashModel, { tally, before }: Where): Promise<void> {
    const { stride, subsets } = this.options;
    for (const [index, { operation, expected }] of moments.entries()) {
      for (const cut of index % stride === 0 ? cutsOf(operation, flash.held, subsets) : []) {
        if (this.isOver) return;
        await this.#tryCut(flash.leftBy(cut), expected, { tally, before: [...before, describeCut(index + 1, cut)] });
      }
      flash.perform(operation);
    }
  }

  async #tryCut(left: FlashModel, expected: Expected, { tally, before: cuts }: Where): Promise<void> {
    tally.cuts++;
    const trial = await this.trials.of(left);
    const trouble = troubleWith(trial, expected);
    if (trouble === undefined) count(tally, "recovered");
    else this.report(trouble, cuts, tally);
    if (this.options.isDouble && tally === this.outcome)
      addSeconds(this.outcome, await this.#cutAgain(left, trial, cuts));
  }

  /** While the target gets up and works on. */
  async #cutAgain(flash: FlashModel, trial: Trial, cuts: readonly string[]): Promise<Tally> {
    const known = this.#seconds.get(trial);
    const { found: held, trouble } = trial;
    if (known !== undefined || held === undefined || trouble !== undefined) return known ?? noTally();
    const tally = noTally();
    this.#seconds.set(trial, tally);
    const begin = { medium: new CampaignMedium(flash.clone()), held };
    const { moments } = await live(this.#scenario, begin, this.#scenario.afterwards);
    await this.#cutEach(moments, flash, { tally, before: cuts });
    return tally;
  }
}

/** Between what was found and what may be, or in going on. */
export function troubleWith({ found, trouble }: Trial, expected: Expected): Trouble | undefined {
  if (found === undefined) return trouble;
  const verdict = judge(found, expected);
  return verdict === "recovered" ? trouble : { kind: verdict, what: describeDifference(found, expected) };
}
