// What an update leaves behind for the next boot: the journal writes it down before the kernel decides, so that its boot record is the
// only commit point; and it hears what a fault has turned back since. What it does not take now is owed to it.

import { type Context, isRefusal, type Refusal } from "lughos";
import type { KernelStatistics, Swapped } from "services/api/kernel";
import type { Move } from "services/reincarnation/update";

/** Less than the kernel waits for a word (kernel/limits, wordMicros); a flash at its worst takes a tenth of it. */
const commitPatienceMillis = 4_000;

/** Why an update comes to nothing whose leader is not the one that began it. */
export const fell = "the reincarnation server fell meanwhile";

/** An update that was begun. */
export interface Update {
  /** Of the journal; null: it is not to outlast the next boot, and the journal knows nothing of it. */
  readonly entry: number | null;
  readonly moves: readonly Move[];
}

/** What the journal has still to hear. Committed. */
export interface Debt {
  /** The change that came to nothing; null: none did. */
  readonly abandoned: { readonly entry: number; readonly reason: string } | null;
  /** Services that run another version since a fault. */
  readonly turnedBack: readonly string[];
}

export const noDebt: Debt = Object.freeze({ abandoned: null, turnedBack: Object.freeze([]) });

export function isPaid({ abandoned, turnedBack }: Debt): boolean {
  return abandoned === null && turnedBack.length === 0;
}

/** How an update has ended whose end nobody told: what runs now says it. */
export function readEnd({ moves }: Update, { services }: KernelStatistics): Swapped {
  const isMade = moves.every((move) =>
    services.some(({ name, module }) => name === move.service && module === move.module),
  );
  const end = isMade
    ? ({ outcome: "confirmed", reason: "" } as const)
    : ({ outcome: "returned", reason: fell } as const);
  return { moves: moves.map(({ service, module }) => ({ service, module })), ...end, handled: 0, steps: {} };
}

/** What has passed its trial becomes what the next boot runs. Answers why it cannot, or null. */
export async function writeDown({ entry, moves }: Update, context: Context): Promise<string | null> {
  if (entry === null) return null;
  const components = moves.map(({ service, module }) => ({ service, module }));
  const error = await tellJournal("commit", { entry, components }, context);
  return error === null ? null : `it could not be written down: ${error}`;
}

/** Answers what is still owed. */
export async function pay({ abandoned, turnedBack }: Debt, context: Context): Promise<Debt> {
  const isTold = abandoned === null || (await tellDebt("abandon", abandoned, context));
  const left: string[] = [];
  for (const service of turnedBack) {
    const module = await moduleOf(service, context);
    if (module === null || !(await tellDebt("settle", { service, module }, context))) left.push(service);
  }
  return { abandoned: isTold ? null : abandoned, turnedBack: left };
}

/** Whether there is nothing more to say about it. */
async function tellDebt(type: string, body: object, context: Context): Promise<boolean> {
  const error = await tellJournal(type, body, context);
  if (error !== null) context.log("warning", `the journal could not ${type} ${JSON.stringify(body)}: ${error}`);
  return error === null;
}

/** Answers why it could not, or null. */
export async function tellJournal(type: string, body: object, context: Context): Promise<string | null> {
  const options = { priority: "HIGH", deadlineMillis: commitPatienceMillis } as const;
  try {
    const { error = null } = await context.call<{ readonly error?: string }>("journal", type, body, options);
    return error;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // A node without a journal has no boot record that could say otherwise.
    return type !== "commit" && isAbsent(error) ? null : `the journal answers ${error.answer}`;
  }
}

function isAbsent({ answer }: Refusal): boolean {
  return answer === "not-capable";
}

/** What it runs; null while it is dead, or nobody can say. */
async function moduleOf(service: string, context: Context): Promise<string | null> {
  try {
    const { services } = await context.call<KernelStatistics>("kernel", "statistics");
    return services.find(({ name, state }) => name === service && state === "running")?.module ?? null;
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}
