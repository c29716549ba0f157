// Can an operator see what changed a node of a running fleet, take it back, and find it as it was left after a power cut?

import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { LiveFleet } from "tests/live-fleet";

jest.setTimeout(90_000);

const node = "toledo/node-1";
let fleet: LiveFleet;

beforeAll(async () => {
  fleet = await LiveFleet.start({ readings: 2 });
});

afterAll(async () => {
  await fleet?.dispose();
});

interface Journal {
  readonly head: string;
  readonly isWhole: boolean;
  readonly changes: readonly { readonly entry: number; readonly outcome: string; readonly undoes: number | null }[];
}

async function readJournal(): Promise<Journal> {
  const { code, stdout } = await fleet.lugh("journal", node, "--json");
  expect(code).toBe(0);
  return JSON.parse(stdout) as Journal;
}

async function cutPower(): Promise<void> {
  const births = fleet.observer.of("birth", node).length;
  expect((await fleet.lugh("fault", node, "power", "--seconds", "0")).code).toBe(0);
  await fleet.observer.until(() => fleet.observer.of("birth", node).length > births, 20_000);
}

/** The policy that the node's state names. */
async function untilScheduler(policy: string): Promise<void> {
  await fleet.observer.until(
    () => fleet.observer.bodies<{ scheduler: string }>("state", node).at(-1)?.scheduler === policy,
    20_000,
  );
}

test("a setting changes what the node does and announces, outlives a power cut, and is taken back by command", async () => {
  expect(await fleet.lugh("configure", node, "reportSeconds=2", "declaredVolts=231.5")).toMatchObject({ code: 0 });
  const declared = (): number | undefined =>
    fleet.observer.bodies<{ declaredVolts: number }>("birth", node).at(-1)?.declaredVolts;
  await fleet.observer.until(() => declared() === 231.5);
  await cutPower();
  await fleet.observer.until(() => declared() === 231.5);
  const count = fleet.observer.readings(node).length;
  await fleet.observer.until(() => fleet.observer.readings(node).length >= count + 4, 20_000);
  const fresh = fleet.observer
    .readings(node)
    .slice(count)
    .filter(({ isHistorical }) => !isHistorical);
  expect(fresh.slice(1).every(({ timeSeconds }) => timeSeconds % 2 === 0)).toBe(true);
  expect((await fleet.lugh("undo", node)).stdout).toContain("taken back");
  await fleet.observer.until(() => declared() !== 231.5);
  expect((await fleet.lugh("configure", node)).stdout).toContain("nothing is set");
});

test("a scheduler that was swapped in runs on after a power cut, until the swap is undone", async () => {
  expect(await fleet.lugh("swap", node, "scheduler=round-robin")).toMatchObject({ code: 0 });
  await cutPower();
  await untilScheduler("round-robin");
  expect((await fleet.lugh("undo", node)).code).toBe(0);
  await untilScheduler("priority");
  await cutPower();
  await untilScheduler("priority");
});

test("the journal tells all of it in a chain whose head the state publishes", async () => {
  const { changes, isWhole, head } = await readJournal();
  expect(isWhole).toBe(true);
  expect(changes.map(({ entry, outcome, undoes }) => [entry, outcome, undoes])).toEqual([
    [1, "committed", null],
    [3, "committed", 1],
    [5, "committed", null],
    [7, "committed", 5],
  ]);
  interface State {
    readonly journal: { readonly records: number; readonly head: string } | null;
  }
  await fleet.observer.until(() => fleet.observer.bodies<State>("state", node).at(-1)?.journal?.records === 8, 15_000);
  expect(fleet.observer.bodies<State>("state", node).at(-1)?.journal?.head).toBe(head);
  expect((await fleet.lugh("journal", node)).stdout).toMatch(
    /swap scheduler=services\/scheduler\/round-robin +committed/,
  );
});

test("the hashes are those of anybody's SHA-256", async () => {
  const { result } = await fleet.observer.ask<{ readonly head: string; readonly records: readonly object[] }>(
    node,
    "journal",
  );
  const { encode } = await import("wire/cbor");
  const last = result?.records.at(-1) as object;
  expect(createHash("sha256").update(encode(last)).digest("hex")).toBe(result?.head);
});

test("what cannot be done is refused in words, and leaves no open change", async () => {
  for (const [args, words] of [
    [["configure", node, "reportSeconds=9"], "1 to 4"],
    [["configure", node, "colour=3"], "declaredVolts"],
    [["swap", node, "scheduler=nonsense"], "nonsense"],
    [["undo", node, "99"], "no change 99"],
    [["undo", node, "1"], "was undone before"],
  ] as const) {
    const { code, stderr } = await fleet.lugh(...args);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(words) });
  }
  expect(await fleet.lugh("configure", node, "reportSeconds")).toMatchObject({ code: 2 });
  const { changes } = await readJournal();
  expect(changes.at(-1)).toMatchObject({ outcome: "undone" });
});
