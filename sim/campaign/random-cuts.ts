// Random power cuts: worlds with another geometry and other steps each, and in each of them many lives of up to three cuts, the
// second and third while the target gets up again. Everything follows from the seed, which a violation names.

import { describeCut, points } from "sim/campaign/cuts";
import { troubleWith } from "sim/campaign/cutter";
import { type CutPoint, FlashModel, randomOf, type Unsynced } from "sim/campaign/flash-model";
import type { Expected } from "sim/campaign/judge";
import { CampaignMedium, type PlannedCut } from "sim/campaign/medium";
import { count, noOutcome, type Outcome } from "sim/campaign/outcome";
import type { Held, Opened, Scenario } from "sim/campaign/target";
import { live, type Moment } from "sim/campaign/timeline";
import { readAll, type Trouble, troubleOf } from "sim/campaign/trials";

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
  const outcome = noOutcome("random");
  for (let world = 0; outcome.cuts + outcome.doubleCuts < cuts && outcome.violations.length < violationsMost; world++) {
    await new World(worldOf(seed + world), seed + world, outcome).live();
    progress?.(outcome.cuts + outcome.doubleCuts);
  }
  return { ...outcome, distinct: outcome.cuts + outcome.doubleCuts };
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
      this.#report([], troubleOf(error));
    }
  }

  async #cutEachLife(): Promise<void> {
    const { steps, geometry } = this.#scenario;
    const begin = { medium: new CampaignMedium(new FlashModel(geometry)), held: new Map() };
    const { moments } = await live(this.#scenario, begin, steps);
    const operations = moments.length;
    this.#outcome.operations += operations;
    const firsts = Array.from({ length: livesEach }, (_, life) => ({
      life,
      first: randomOf(this.#seed * 7_919 + life)() % operations,
    }));
    firsts.sort((one, other) => one.first - other.first);
    const flash = new FlashModel(geometry);
    let done = 0;
    for (const { life, first } of firsts) {
      for (; done < first; done++) flash.perform((moments[done] as Moment).operation);
      const { operation, expected } = moments[first] as Moment;
      const random = randomOf(this.#seed * 7_919 + life + 1_000_003);
      const { unsynced, seed, point } = drawCut(random, first + 1);
      const cut = { unsynced, seed, during: { operation, point } };
      this.#outcome.cuts++;
      await this.#goOn(flash.leftBy(cut), expected, random, [describeCut(first + 1, cut)]);
    }
  }

  async #goOn(flash: FlashModel, expected: Expected, random: () => number, cuts: readonly string[]): Promise<void> {
    try {
      const found = await readAll(this.#scenario, flash);
      const trouble = troubleWith({ found, trouble: undefined }, expected);
      if (trouble !== undefined) {
        this.#report(cuts, trouble);
        return;
      }
      count(this.#outcome, "recovered");
      if (cuts.length < cutsMost) await this.#cutAgain(flash, found, random, cuts);
    } catch (error) {
      this.#report(cuts, troubleOf(error));
    }
  }

  /** In what the target does next; when that is over before, the life ends well. */
  async #cutAgain(flash: FlashModel, held: Held, random: () => number, cuts: readonly string[]): Promise<void> {
    const cut = drawCut(random, 1 + (random() % operationsMost));
    const begin = { medium: new CampaignMedium(flash, cut), held };
    const { moments, isCut } = await live(this.#scenario, begin, this.#scenario.afterwards);
    if (!isCut) return;
    const { operation, expected } = moments[moments.length - 1] as Moment;
    this.#outcome.doubleCuts++;
    const { unsynced, seed, point } = cut;
    const told = describeCut(cut.operation, { unsynced, seed, during: { operation, point } });
    await this.#goOn(flash, expected, random, [...cuts, told]);
  }

  #report(cuts: readonly string[], { kind, what }: Trouble): void {
    count(this.#outcome, kind);
    const scenario = `${this.#scenario.name} of seed ${this.#seed}`;
    this.#outcome.violations.push({ scenario, cuts, kind, what });
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
