// The storage service's store as a target of campaigns: its core, as the service runs it, on Node. What it holds is read by
// listing and by getting each key, which must agree.

import type { StorageError } from "services/api/storage";
import type { Medium, StorageFailure } from "services/storage/medium";
import type { Entry } from "services/storage/store";
import type { Answer, Held, Opened, Step } from "sim/campaign/target";

/** What a planted bug is planted in: the whole of a store that a campaign needs. */
export interface StoreUnderTest {
  apply(changes: readonly { readonly key: string; readonly value: Uint8Array | null }[]): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  list(listing: { readonly prefix: string; readonly after: string; readonly most: number }): Promise<{
    readonly entries: readonly Entry[];
    readonly isComplete: boolean;
  }>;
  compact(): Promise<boolean>;
  settle(): Promise<void>;
  readonly quotas: { usedBytes(prefix: string): number };
}

export type OpenStore = (
  medium: Medium,
  quotas: readonly { prefix: string; quotaBytes: number }[],
) => Promise<StoreUnderTest>;

/** Far beyond what the scenarios keep: what counts is that the bytes are counted right. */
export const quotas = [{ prefix: "a", quotaBytes: 1_000_000 }];
const pageEntries = 5;

export class StorageProgram implements Opened {
  readonly store: StoreUnderTest;

  constructor(store: StoreUnderTest) {
    this.store = store;
  }

  async read(): Promise<Held> {
    const held = new Map<string, string>();
    let counted = 0;
    for (let after = ""; ; ) {
      const { entries, isComplete } = await this.store.list({ prefix: "", after, most: pageEntries });
      for (const { key, value } of entries) {
        const got = await this.store.get(key);
        if (got === undefined || textOf(got) !== textOf(value)) throw new Error(`a list has ${key}, and a get has not`);
        held.set(key, textOf(value));
        if (key.startsWith("a")) counted += key.length + value.length;
        after = key;
      }
      if (isComplete) break;
    }
    const used = this.store.quotas.usedBytes("a");
    if (used !== counted) throw new Error(`the quota counts ${used} bytes, and there are ${counted}`);
    return held;
  }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** One transaction. `length` pads the values. */
export function put(values: { readonly [key: string]: string | null }): Step<StorageProgram> {
  const changes = Object.entries(values).map(([key, text]) => ({
    key,
    value: text === null ? null : Uint8Array.from(Buffer.from(text, "latin1")),
  }));
  return {
    changes: new Map(Object.entries(values)),
    perform: ({ store }) => answerTo(() => store.apply(changes), { full: "refused", failed: "failed" }),
  };
}

/** So many pieces of compaction. */
export function compact(pieces: number): Step<StorageProgram> {
  return {
    changes: new Map(),
    perform: ({ store }) =>
      answerTo(async () => {
        for (let piece = 0; piece < pieces && (await store.compact()); piece++);
      }),
  };
}

export const settle: Step<StorageProgram> = {
  changes: new Map(),
  perform: ({ store }) => answerTo(() => store.settle()),
};

type Answers = { readonly [code in StorageError]?: Answer };

/** What a caller of the service would have been answered; any other error is a mistake of the store. */
async function answerTo(ask: () => Promise<void>, answers: Answers = { failed: "failed" }): Promise<Answer> {
  try {
    await ask();
    return "kept";
  } catch (error) {
    const answer = answers[codeOf(error) ?? "malformed"];
    if (answer === undefined) throw error;
    return answer;
  }
}

/** Of whichever copy of the class it is. */
function codeOf(error: unknown): StorageError | undefined {
  return error instanceof Error ? (error as Partial<StorageFailure>).code : undefined;
}
