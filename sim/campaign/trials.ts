// What becomes of a target on the flash that a cut has left: is it opened, what does it hold, and does life go on?
//
// **Each distinct flash is tried once, and that loses nothing.** A target gets its flash and nothing else: it is opened as a fresh
// program, without clock or chance or memory of an earlier life; and after a cut nothing is un-synced. So what it finds, what it
// does next and which flashes a second cut can leave then all follow from the bytes and from the sectors that read differently
// each time, whose noise begins anew in every copy. Two cuts that leave both the same differ only in what may be found: that is
// judged for every cut by itself. (SHA-256 stands for the bytes; tests/storage-campaign.test.ts holds it against trying all.)

import type { FlashModel } from "sim/campaign/flash-model";
import { describeDifference, judge, textOf } from "sim/campaign/judge";
import { CampaignMedium, RefusedOperation } from "sim/campaign/medium";
import type { Violation } from "sim/campaign/outcome";
import type { Held, Opened, Scenario, Step } from "sim/campaign/target";
import { live, type Moment } from "sim/campaign/timeline";

export type Trouble = Pick<Violation, "kind" | "what">;

export interface Trial {
  /** Undefined: it could not be read. */
  readonly found: Held | undefined;
  /** In reading, or in what came afterwards. */
  readonly trouble: Trouble | undefined;
}

export class Trials<Program extends Opened> {
  readonly #scenario: Scenario<Program>;
  readonly #isEachTried: boolean;
  readonly #known = new Map<string, Trial>();
  /** Of what was found, one copy each: a trial must not take a kilobyte. */
  readonly #found = new Map<string, Held>();
  #tried = 0;

  constructor(scenario: Scenario<Program>, { isEachTried }: { readonly isEachTried: boolean }) {
    this.#scenario = scenario;
    this.#isEachTried = isEachTried;
  }

  /** How many were tried. */
  get distinct(): number {
    return this.#tried;
  }

  /** The flash stays as it is. */
  async of(flash: FlashModel): Promise<Trial> {
    if (this.#isEachTried) return this.#try(flash.clone());
    const { digest } = flash;
    const known = this.#known.get(digest);
    if (known !== undefined) return known;
    const trial = await this.#try(flash.clone());
    this.#known.set(digest, trial);
    return trial;
  }

  async #try(flash: FlashModel): Promise<Trial> {
    this.#tried++;
    let found: Held | undefined;
    try {
      found = this.#unique(await readAll(this.#scenario, flash));
      const { trouble } = await goThrough(this.#scenario, { flash, held: found }, this.#scenario.afterwards);
      return { found, trouble };
    } catch (error) {
      return { found, trouble: troubleOf(error) };
    }
  }

  #unique(held: Held): Held {
    const text = textOf(held);
    const known = this.#found.get(text) ?? held;
    this.#found.set(text, known);
    return known;
  }
}

export async function readAll<Program extends Opened>(scenario: Scenario<Program>, flash: FlashModel): Promise<Held> {
  return (await scenario.open(new CampaignMedium(flash))).read();
}

/** Steps without a cut; what they leave is there when the target is opened again. */
export async function goThrough<Program extends Opened>(
  scenario: Scenario<Program>,
  { flash, held }: { readonly flash: FlashModel; readonly held: Held },
  steps: Iterable<Step<Program>>,
): Promise<{ readonly moments: readonly Moment[]; readonly trouble: Trouble | undefined }> {
  const { moments, expected } = await live(scenario, { medium: new CampaignMedium(flash), held }, steps);
  const after = await readAll(scenario, flash);
  const verdict = judge(after, expected);
  if (verdict === "recovered") return { moments, trouble: undefined };
  return { moments, trouble: { kind: verdict, what: `afterwards ${describeDifference(after, expected)}` } };
}

/** An error with a code is an answer of the target, and "unreadable" of what it holds; any other is a mistake. */
export function troubleOf(error: unknown): Trouble {
  const what = error instanceof Error ? error.message : String(error);
  if (error instanceof RefusedOperation) return { kind: "refused", what };
  return { kind: error instanceof Error && "code" in error ? "unreadable" : "broken", what };
}
