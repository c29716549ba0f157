// The exhaustive power-cut runner: every operation of a scenario, cut at every point, with what was not synced kept, lost and in
// several subsets; each time the target is opened anew from the flash alone, judged, and made to go on. With `isDouble` every
// operation of that going on is cut in the same ways.

import type { Cut, CutPoint, FlashModel, FlashOperation, Unsynced } from "sim/campaign/flash-model";
import { describeDifference, type Expected, judge } from "sim/campaign/judge";
import { CampaignMedium, RefusedOperation } from "sim/campaign/medium";
import type { Held, Opened, Scenario } from "sim/campaign/target";
import { prepare, type Run, record, type Timeline } from "sim/campaign/timeline";

export interface Violation {
  readonly scenario: string;
  /** The cuts that led there, as they are repeated: operation, point, what became of the un-synced, seed. */
  readonly cuts: readonly string[];
  /** "refused": the program asked the flash for what it refuses. */
  readonly kind: "lost" | "half-visible" | "unreadable" | "refused";
  readonly what: string;
}

export interface Outcome {
  readonly scenario: string;
  operations: number;
  cuts: number;
  doubleCuts: number;
  recovered: number;
  lost: number;
  halfVisible: number;
  unreadable: number;
  readonly violations: Violation[];
}

export interface CutOptions {
  readonly isDouble?: boolean;
  /** Ends at so many violations: one proves as much as a thousand. */
  readonly violationsMost?: number;
  /** Only every so many operations. */
  readonly stride?: number;
  /** So many subsets of what was not synced, each by another seed. */
  readonly subsets?: number;
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
  readonly outcome: Outcome;
  readonly #scenario: Scenario<Program>;
  readonly #options: Required<CutOptions>;

  private constructor(scenario: Scenario<Program>, options: CutOptions) {
    this.#scenario = scenario;
    this.#options = { isDouble: false, violationsMost: 20, subsets: 4, stride: 1, ...options };
    this.outcome = {
      scenario: scenario.name,
      operations: 0,
      cuts: 0,
      doubleCuts: 0,
      recovered: 0,
      lost: 0,
      halfVisible: 0,
      unreadable: 0,
      violations: [],
    };
  }

  static async run<Program extends Opened>(scenario: Scenario<Program>, options: CutOptions = {}): Promise<Outcome> {
    const runner = new PowerCutRunner(scenario, options);
    try {
      const { flash, held } = await prepare(scenario);
      const timeline = await runner.#goThrough(flash.clone(), { steps: scenario.steps, held }, []);
      runner.outcome.operations = timeline.moments.length;
      await runner.#cutEach(timeline, flash, []);
    } catch (error) {
      runner.#reportError(error, []);
    }
    return runner.outcome;
  }

  get #isOver(): boolean {
    return this.outcome.violations.length >= this.#options.violationsMost;
  }

  /** Every cut of a timeline that begins on this flash. */
  async #cutEach({ moments }: Timeline, flash: FlashModel, before: readonly string[]): Promise<void> {
    for (const [index, { operation, expected }] of moments.entries()) {
      const isCut = index % this.#options.stride === 0;
      for (const point of isCut ? pointsOf(operation, flash.held) : [])
        for (const { unsynced, seed } of waysOf(flash.held, this.#options.subsets)) {
          if (this.#isOver) return;
          const cut = { unsynced, seed, during: { operation, point } };
          await this.#tryCut(flash, cut, expected, [...before, describeCut(index + 1, cut)]);
        }
      flash.perform(operation);
    }
  }

  async #tryCut(flash: FlashModel, cut: Cut, expected: Expected, cuts: readonly string[]): Promise<void> {
    const left = flash.clone();
    left.cut(cut);
    if (cuts.length === 1) this.outcome.cuts++;
    else this.outcome.doubleCuts++;
    try {
      const held = await this.#judge(left, expected, cuts);
      if (held === undefined) return;
      this.outcome.recovered++;
      await this.#goOn(left, held, cuts);
    } catch (error) {
      this.#reportError(error, cuts);
    }
  }

  /** Answers what it holds, where that is as it should be. */
  async #judge(left: FlashModel, expected: Expected, cuts: readonly string[]): Promise<Held | undefined> {
    const held = await (await this.#scenario.open(new CampaignMedium(left))).read();
    const verdict = judge(held, expected);
    if (verdict !== "recovered") {
      this.#report(cuts, verdict, describeDifference(held, expected));
      return undefined;
    }
    return held;
  }

  /** The target works on; and when the power fails in that, too, nothing is lost either. */
  async #goOn(left: FlashModel, held: Held, cuts: readonly string[]): Promise<void> {
    const isSecond = this.#options.isDouble && cuts.length === 1;
    const begin = isSecond ? left.clone() : undefined;
    const timeline = await this.#goThrough(left, { steps: this.#scenario.afterwards, held }, cuts);
    if (begin !== undefined) await this.#cutEach(timeline, begin, cuts);
  }

  /** Steps without a cut; what they leave is there when it is opened again. */
  async #goThrough(flash: FlashModel, run: Run<Program>, cuts: readonly string[]): Promise<Timeline> {
    const timeline = await record(this.#scenario, flash, run);
    const after = await (await this.#scenario.open(new CampaignMedium(flash))).read();
    const expected = { held: timeline.held, pending: undefined };
    const verdict = judge(after, expected);
    if (verdict !== "recovered") this.#report(cuts, verdict, `afterwards ${describeDifference(after, expected)}`);
    return timeline;
  }

  #reportError(error: unknown, cuts: readonly string[]): void {
    this.#report(cuts, error instanceof RefusedOperation ? "refused" : "unreadable", textOf(error));
  }

  #report(cuts: readonly string[], kind: Violation["kind"], what: string): void {
    const { outcome } = this;
    if (kind === "lost") outcome.lost++;
    else if (kind === "half-visible") outcome.halfVisible++;
    else outcome.unreadable++;
    outcome.violations.push({ scenario: outcome.scenario, cuts, kind, what });
  }
}

export function describeCut(number: number, { unsynced, seed, during }: Cut): string {
  return `${number} ${during?.operation.operation ?? ""} ${during?.point ?? ""}, un-synced ${unsynced}, seed ${seed}`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
