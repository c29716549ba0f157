// What stand-ins answer: for each channel and type of message a list, used one after the other; the last one is used again.

import { readFileSync } from "node:fs";
import { answers as answerTexts } from "kernel/host";

/** A reply (no `reply`: one without a body) or a refusal, after so long. */
export interface Answering {
  readonly reply?: unknown;
  readonly refuse?: RefusalText;
  readonly delayMillis?: number;
}

export type RefusalText = Exclude<(typeof answerTexts)[number], "">;

export const refusalTexts = answerTexts.filter((text) => text !== "");

/** The number of an answer, for the worker. */
export function refusalNumber(text: RefusalText): number {
  return answerTexts.indexOf(text);
}

/** A call waits a minute at most (kernel/limits): an answer that comes later is none. */
const delayMaximumMillis = 60_000;

export class Script {
  readonly #lists = new Map<string, Answering[]>();

  /** Adds to what is answered there. */
  add(channel: string, type: string, answers: readonly Answering[]): void {
    const key = keyOf(channel, type);
    const list = this.#lists.get(key) ?? [];
    this.#lists.set(key, [...list, ...answers]);
  }

  /** Whether it says anything of this channel. */
  answersFor(channel: string): boolean {
    return [...this.#lists.keys()].some((key) => (JSON.parse(key) as string[])[0] === channel);
  }

  /** undefined: the script does not say. */
  next(channel: string, type: string): Answering | undefined {
    const list = this.#lists.get(keyOf(channel, type));
    return list !== undefined && list.length > 1 ? list.shift() : list?.[0];
  }
}

function keyOf(channel: string, type: string): string {
  return JSON.stringify([channel, type]);
}

/** Reads { channel: { type: [answer, …] } }. Throws an Error that names the place. */
export function readScript(file: string): Script {
  const script = new Script();
  for (const [channel, types] of entriesOf(readJson(file), file, "channels"))
    for (const [type, list] of entriesOf(types, `${file}: "${channel}"`, "types of messages")) {
      const place = `${file}: "${channel}" "${type}"`;
      if (!Array.isArray(list) || list.length === 0) throw wrong(place, "a list of answers", list);
      script.add(
        channel,
        type,
        list.map((answer, index) => parseAnswer(answer, `${place}[${index}]`)),
      );
    }
  return script;
}

/** `place` is named by what is thrown. */
export function parseAnswer(value: unknown, place: string): Answering {
  const fields = entriesOf(value, place, '"reply" or "refuse", and "delayMillis"');
  for (const [name] of fields)
    if (!["reply", "refuse", "delayMillis"].includes(name))
      throw wrong(place, '"reply" or "refuse", and "delayMillis"', name);
  const { reply, refuse, delayMillis } = value as { readonly [name: string]: unknown };
  if (refuse !== undefined && reply !== undefined) throw wrong(place, '"reply" or "refuse"', "both");
  if (refuse !== undefined && !refusalTexts.some((text) => text === refuse))
    throw wrong(`${place} "refuse"`, refusalTexts.join(", "), refuse);
  const isDelay = typeof delayMillis === "number" && delayMillis >= 0 && delayMillis <= delayMaximumMillis;
  if (delayMillis !== undefined && !isDelay)
    throw wrong(`${place} "delayMillis"`, `a number from 0 to ${delayMaximumMillis}`, delayMillis);
  return value as Answering;
}

function entriesOf(value: unknown, place: string, what: string): [string, unknown][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.entries(value);
  throw wrong(place, `an object of ${what}`, value);
}

function wrong(place: string, wanted: string, found: unknown): Error {
  const text = typeof found === "string" ? `"${found}"` : JSON.stringify(found)?.slice(0, 60);
  return new Error(`Cannot read answers: ${place}: wanted ${wanted}, found ${text ?? "nothing"}`);
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`Cannot read answers: wanted the file ${file}, found ${(error as NodeJS.ErrnoException).code}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Cannot read answers: ${file}: wanted JSON, found ${(error as Error).message}`);
  }
}
