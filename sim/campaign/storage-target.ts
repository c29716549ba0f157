// The storage service's store as a target of campaigns: its core, as the service runs it, on Node. What it holds is read by
// listing and by getting each key, which must agree.

import type { FlashGeometry } from "services/api/flash";
import type { StorageError } from "services/api/storage";
import type { Medium, StorageFailure } from "services/storage/medium";
import { type Entry, Store } from "services/storage/store";
import { randomOf } from "sim/campaign/flash-model";
import type { Answer, Held, Opened, Scenario, Step } from "sim/campaign/target";

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
const quotas = [{ prefix: "a", quotaBytes: 1_000_000 }];
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

const geometry = (more: Partial<FlashGeometry>): FlashGeometry => ({
  pageBytes: 16,
  sectorBytes: 512,
  sectors: 12,
  eraseWorstMicros: 400_000,
  ...more,
});

const times = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** The standard scenarios: small flashes, so that a few dozen transactions take the log around its ring. */
export function storageScenarios(
  open: OpenStore = (medium, limits) => Store.open(medium, limits),
): Scenario<StorageProgram>[] {
  const scenario = (
    name: string,
    flash: Partial<FlashGeometry>,
    steps: readonly Step<StorageProgram>[],
    before: readonly Step<StorageProgram>[] = [],
  ): Scenario<StorageProgram> => ({
    name,
    geometry: geometry(flash),
    before,
    steps,
    afterwards: [put({ "a-after": "one" }), compact(2), put({ "a-after": "two", z: null }), settle],
    open: async (medium) => new StorageProgram(await open(medium, quotas)),
  });
  return [
    scenario(
      "overwrite",
      { sectors: 24 },
      times(90, (index) => put({ [`a${index % 5}`]: `value ${index}`.padEnd(20 + (index % 3) * 20, ".") })),
    ),
    scenario(
      "queue",
      { sectorBytes: 1_024, sectors: 10 },
      times(48, (index) =>
        put({ [`a/${1000 + index}`]: `reading ${index}`.padEnd(40, "."), [`a/${994 + index}`]: null }),
      ),
    ),
    scenario(
      "transactions",
      { sectors: 20, pageBytes: 1 },
      times(30, (index) =>
        put({ a: `${index}`, b: `${index}`, [`c${index % 4}`]: index % 3 === 0 ? null : `${index}` }),
      ),
    ),
    scenario(
      "idle",
      { sectorBytes: 1_024, pageBytes: 32, sectors: 10 },
      times(40, (index) => [
        put({ [`a${(index * 7) % 11}`]: `${index}`.padEnd(30, "i") }),
        compact(1 + (index % 4)),
      ]).flat(),
    ),
    scenario(
      "large",
      { sectorBytes: 2_048, pageBytes: 256, sectors: 18 },
      times(40, (index) => put({ [`a${index % 3}`]: `${index}`.padEnd(index % 5 === 0 ? 500 : 100, "l") })),
    ),
    scenario(
      "meanwhile",
      { sectorBytes: 1_024, sectors: 40 },
      times(40, (index) => [put({ [`a${(index * 11) % 17}`]: `${index}`.padEnd(70, "m") }), compact(1)]).flat(),
      [
        ...times(24, (index) => put({ [`b/cold/${index}`]: "".padEnd(50, "c") })),
        ...times(300, (index) => [put({ [`a${(index * 11) % 17}`]: `${index}`.padEnd(70, "m") }), compact(1)]).flat(),
      ],
    ),
    scenario("random", { sectorBytes: 1_024, sectors: 12 }, randomSteps(7, 60)),
  ];
}

/** Puts, deletes, transactions and compaction, by seed. */
export function randomSteps(seed: number, count: number): Step<StorageProgram>[] {
  const random = randomOf(seed);
  const below = (bound: number): number => random() % bound;
  return times(count, (index) => {
    const kind = below(10);
    if (kind === 0) return compact(1 + below(5));
    if (kind === 1) return settle;
    const values: { [key: string]: string | null } = {};
    for (let left = 1 + below(kind === 2 ? 6 : 1); left > 0; left--)
      values[`${"ab"[below(2)]}/${below(12)}`] = below(4) === 0 ? null : `${index}`.padEnd(below(60), "r");
    return put(values);
  });
}

/** Of a seed: another flash, other steps. */
export function storageWorld(
  seed: number,
  open: OpenStore = (medium, limits) => Store.open(medium, limits),
): Scenario<StorageProgram> {
  const random = randomOf(seed);
  const pick = <Value>(values: readonly Value[]): Value => values[random() % values.length] as Value;
  const sectorBytes = pick([512, 1_024, 2_048]);
  return {
    name: "random",
    geometry: geometry({ sectorBytes, pageBytes: pick([1, 4, 16, 64]), sectors: 12 + (random() % 12) }),
    steps: randomSteps(random(), 40 + (random() % 80)),
    afterwards: randomSteps(random(), 6),
    open: async (medium) => new StorageProgram(await open(medium, quotas)),
  };
}
