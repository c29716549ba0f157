// Random power cuts: worlds with another geometry and other steps each, and in each of them many lives of up to three cuts, the
// second and third while the target gets up again. Everything follows from the seed, which a violation names.

import { type CutPoint, FlashModel, randomOf, type Unsynced } from "sim/campaign/flash-model";
import { describeDifference, judge } from "sim/campaign/judge";
import { CampaignMedium, type PlannedCut } from "sim/campaign/medium";
import type { Outcome } from "sim/campaign/power-cut";
import type { Held, Opened, Scenario } from "sim/campaign/target";
import { record } from "sim/campaign/timeline";

const points: readonly CutPoint[] = ["before", "first-half", "all-but-last", "some-bits", "unstable", "after"];
const unsynced: readonly Unsynced[] = ["kept", "lost", "subset", "subset"];

/** Lives of one world, which share what happened before their first cut. */
const livesEach = 200;
const cutsMost = 3;
/** A step of the target is a few operations, a compaction some dozen. */
const operationsMost = 60;

export interface RandomOptions {
  /** How many cuts, of all numbers. */
  readonly cuts: number;
  readonly seed: number;
  readonly violationsMost?: number;
  readonly progress?: (cuts: number) => void;
}

/** `worldOf` makes the scenario of a seed. */
export async function cutAtRandom<Program extends Opened>(
  worldOf: (seed: number) => Scenario<Program>,
  { cuts, seed, violationsMost = 20, progress }: RandomOptions,
): Promise<Outcome> {
  const outcome = {
    scenario: "random",
    operations: 0,
    cuts: 0,
    doubleCuts: 0,
    recovered: 0,
    lost: 0,
    halfVisible: 0,
    unreadable: 0,
    violations: [],
  } satisfies Outcome as Outcome;
  for (let world = 0; outcome.cuts + outcome.doubleCuts < cuts && outcome.violations.length < violationsMost; world++) {
    await new World(worldOf(seed + world), seed + world, outcome).live();
    progress?.(outcome.cuts + outcome.doubleCuts);
  }
  return outcome;
}

class World<Program extends Opened> {
  readonly #scenario: Scenario<Program>;
  readonly #seed: number;
  readonly #outcome: Outcome;

  constructor(scenario: Scenario<Program>, seed: number, outcome: Outcome) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#outcome = outcome;
  }

  async live(): Promise<void> {
    try {
      await this.#cutEachLife();
    } catch (error) {
      this.#report([], "unreadable", error instanceof Error ? error.message : String(error));
    }
  }

  async #cutEachLife(): Promise<void> {
    const { steps, geometry } = this.#scenario;
    const timeline = await record(this.#scenario, new FlashModel(geometry), { steps, held: new Map() });
    const operations = timeline.moments.length;
    this.#outcome.operations += operations;
    const firsts = Array.from({ length: livesEach }, (_, life) => ({
      life,
      first: randomOf(this.#seed * 7_919 + life)() % operations,
    }));
    firsts.sort((one, other) => one.first - other.first);
    const flash = new FlashModel(geometry);
    let done = 0;
    for (const { life, first } of firsts) {
      for (; done < first; done++) flash.perform((timeline.moments[done] as (typeof timeline.moments)[0]).operation);
      const { operation, expected } = timeline.moments[first] as (typeof timeline.moments)[0];
      const random = randomOf(this.#seed * 7_919 + life + 1_000_003);
      const cut = drawCut(random, first + 1);
      const left = flash.clone();
      left.cut({ unsynced: cut.unsynced, seed: cut.seed, during: { operation, point: cut.point } });
      this.#outcome.cuts++;
      await this.#goOn(left, expected, random, [describe(cut)]);
    }
  }

  async #goOn(
    flash: FlashModel,
    expected: Parameters<typeof judge>[1],
    random: () => number,
    cuts: readonly string[],
  ): Promise<void> {
    try {
      const held = await (await this.#scenario.open(new CampaignMedium(flash))).read();
      const verdict = judge(held, expected);
      if (verdict !== "recovered") {
        this.#report(cuts, verdict, describeDifference(held, expected));
        return;
      }
      this.#outcome.recovered++;
      if (cuts.length < cutsMost) await this.#cutAgain(flash, held, random, cuts);
    } catch (error) {
      this.#report(cuts, "unreadable", error instanceof Error ? error.message : String(error));
    }
  }

  /** In what the target does next; when that is over before, the life ends well. */
  async #cutAgain(flash: FlashModel, held: Held, random: () => number, cuts: readonly string[]): Promise<void> {
    const cut = drawCut(random, 1 + (random() % operationsMost));
    const { cutAt } = await record(this.#scenario, flash, { steps: this.#scenario.afterwards, held, cut });
    if (cutAt === undefined) return;
    this.#outcome.doubleCuts++;
    await this.#goOn(flash, cutAt, random, [...cuts, describe(cut)]);
  }

  #report(cuts: readonly string[], kind: "lost" | "half-visible" | "unreadable", what: string): void {
    const outcome = this.#outcome;
    if (kind === "lost") outcome.lost++;
    else if (kind === "half-visible") outcome.halfVisible++;
    else outcome.unreadable++;
    outcome.violations.push({ scenario: `${this.#scenario.name} of seed ${this.#seed}`, cuts, kind, what });
  }
}

function drawCut(random: () => number, operation: number): PlannedCut {
  return {
    operation,
    point: points[random() % points.length] as CutPoint,
    unsynced: unsynced[random() % unsynced.length] as Unsynced,
    seed: random(),
  };
}

function describe({ operation, point, unsynced: ways, seed }: PlannedCut): string {
  return `${operation} ${point}, un-synced ${ways}, seed ${seed}`;
}
