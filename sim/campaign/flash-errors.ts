// The campaign of a flash that fails: each operation of a scenario, reads too, goes wrong in every way of its kind. The target may
// try again or answer an error; then it goes on for some steps, in each of whose operations the power may fail as well. Promised is:
//
//   - what was answered by an error changed nothing, and is after the next start there wholly or not at all;
//   - nothing acknowledged is lost, not by what failed and not by what came later;
//   - as soon as the flash works again, the target does, without being started anew.

import { type CutOptions, Cutter } from "sim/campaign/cutter";
import { type Fault, FaultyMedium, faultsOf } from "sim/campaign/faulty-medium";
import type { FlashModel } from "sim/campaign/flash-model";
import { describeDifference, judge } from "sim/campaign/judge";
import type { Outcome } from "sim/campaign/outcome";
import type { Held, Opened, Scenario, Step } from "sim/campaign/target";
import { Life, prepare } from "sim/campaign/timeline";
import { readAll, troubleOf } from "sim/campaign/trials";

export interface ErrorOutcome extends Outcome {
  /** Operations that went wrong, each in one way. */
  readonly errors: number;
  /** So many of them were answered by an error; the others the target got over. */
  readonly answered: number;
}

/** Taken with the fault still there. */
const stepsMore = 3;

export async function failFlash<Program extends Opened>(
  scenario: Scenario<Program>,
  options: CutOptions = {},
): Promise<ErrorOutcome> {
  const failures = new FlashFailures(scenario, options);
  const outcome = await failures.cutter.finish(() => failures.run());
  return { ...outcome, errors: failures.errors, answered: failures.answered };
}

interface Case {
  readonly flash: FlashModel;
  readonly held: Held;
  readonly operation: number;
  readonly fault: Fault;
  readonly told: string;
}

class FlashFailures<Program extends Opened> {
  readonly cutter: Cutter<Program>;
  errors = 0;
  answered = 0;
  readonly #scenario: Scenario<Program>;

  constructor(scenario: Scenario<Program>, options: CutOptions) {
    this.#scenario = scenario;
    this.cutter = new Cutter(scenario, { subsets: 1, ...options });
  }

  /** Each operation of the steps, and of being opened where they have led. */
  async run(): Promise<void> {
    const { flash, held } = await prepare(this.#scenario);
    const last = await this.#failEach(flash, held, this.#scenario.steps);
    await this.#failEach(last.flash, last.held, this.#scenario.afterwards);
  }

  async #failEach(
    flash: FlashModel,
    held: Held,
    steps: readonly Step<Program>[],
  ): Promise<{ readonly flash: FlashModel; readonly held: Held }> {
    const end = flash.clone();
    const medium = new FaultyMedium(end);
    const life = new Life(this.#scenario, { medium, held });
    await life.open();
    for (const step of steps) await life.take(step);
    this.cutter.outcome.operations += medium.asked.length;
    const { stride } = this.cutter.options;
    for (const [index, asked] of medium.asked.entries())
      for (const fault of index % stride === 0 ? faultsOf[asked] : []) {
        if (this.cutter.isOver) break;
        const operation = index + 1;
        const told = `${operation} ${asked} fails, ${fault}`;
        await this.#tryCase({ flash, held, operation, fault, told }, steps);
      }
    return { flash: end, held: life.expected.held };
  }

  async #tryCase(tried: Case, steps: readonly Step<Program>[]): Promise<void> {
    this.errors++;
    try {
      await this.#live(tried, steps);
    } catch (error) {
      this.cutter.report(troubleOf(error), [tried.told]);
    }
  }

  async #live({ flash: begin, held, operation, fault, told }: Case, steps: readonly Step<Program>[]): Promise<void> {
    const flash = begin.clone();
    const medium = new FaultyMedium(flash, { operation, fault });
    const life = new Life(this.#scenario, { medium, held });
    const isOpen = await this.#open(life, medium);
    const isRefused = isOpen === "never" || (await this.#takeUntilAfter(life, medium, steps));
    if (isRefused || isOpen === "later") this.answered++;
    if (isOpen === "never") return;
    const struck = life.moments.slice(medium.struckAt);
    medium.mend();
    this.#compare(await life.program.read(), { held: life.expected.held, others: [] }, [told, "while it runs on"]);
    for (const step of this.#scenario.afterwards)
      if ((await life.take(step)) === "failed") throw new Error("it fails although the flash works again");
    this.#compare(await readAll(this.#scenario, flash), life.expected, [told, "after the next start"]);
    const before = begin.clone();
    for (const moment of life.moments.slice(0, medium.struckAt)) before.perform(moment.operation);
    await this.cutter.cutEach(struck, before, [told]);
  }

  /** The service tries again with the next request. "never": it said so each time, for the log begins in a sector that is worn. */
  async #open(life: Life<Program>, medium: FaultyMedium): Promise<"at-once" | "later" | "never"> {
    for (const turn of ["at-once", "later"] as const)
      try {
        await life.open();
        return turn;
      } catch (error) {
        if (!isFailed(error)) throw error;
        medium.mend();
      }
    return "never";
  }

  /** Whether one of them was answered by an error. */
  async #takeUntilAfter(life: Life<Program>, medium: FaultyMedium, steps: readonly Step<Program>[]): Promise<boolean> {
    let isAnswered = false;
    let left = stepsMore;
    for (const step of steps) {
      if (medium.struckAt !== undefined && left-- === 0) break;
      if ((await life.take(step)) === "failed") isAnswered = true;
    }
    return isAnswered;
  }

  #compare(found: Held, expected: Parameters<typeof judge>[1], cuts: readonly string[]): void {
    const verdict = judge(found, expected);
    if (verdict !== "recovered") this.cutter.report({ kind: verdict, what: describeDifference(found, expected) }, cuts);
  }
}

/** By its code: a store with a planted bug has classes of its own. */
function isFailed(error: unknown): boolean {
  return error instanceof Error && (error as { readonly code?: unknown }).code === "failed";
}
