// Is what docs/WIRE.md says of operations and payloads what crosses the wire? Each operation is asked of a running node, and all
// that was heard is held against the document's CDDL: nothing more, nothing less.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { operations } from "services/command/operations";
import { Cddl } from "tests/cddl";
import { LiveFleet } from "tests/live-fleet";
import { decode } from "wire/cbor";

jest.setTimeout(60_000);

const document = readFileSync(resolve(import.meta.dirname, "../docs/WIRE.md"), "utf8");
const cddl = new Cddl([...document.matchAll(/^```cddl\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text).join("\n"));
const node = "toledo/node-1";
let fleet: LiveFleet;

beforeAll(async () => {
  fleet = await LiveFleet.start({ readings: 3 });
});

afterAll(async () => {
  await fleet?.dispose();
});

interface Reply {
  readonly requestId: string;
  readonly ok: boolean;
  readonly message?: string;
  readonly result?: unknown;
}

/** Asks, and holds argument and result against the rule of the operation. */
async function perform(operation: string, argument?: object): Promise<unknown> {
  const { requestId } = await fleet.observer.ask(node, operation, argument);
  const reply = fleet.observer
    .of("reply", node)
    .map(({ payload }) => decode(payload) as unknown as Reply)
    .find((each) => each.requestId === requestId) as Reply;
  expect({ operation, argument, ok: reply.ok, message: reply.message }).toEqual({ operation, argument, ok: true });
  const pair = { ...(argument === undefined ? {} : { argument }), result: reply.result };
  expect(cddl.check(`${operation}-operation`, pair)).toBeNull();
  return reply.result;
}

async function isBorn(isSafe: boolean, act: () => Promise<unknown>): Promise<void> {
  const count = fleet.observer.of("birth", node).length;
  await act();
  await fleet.observer.until(() => {
    const birth = fleet.observer.of("birth", node).slice(count).at(-1);
    return birth !== undefined && ((decode(birth.payload) as { isSafeMode?: boolean }).isSafeMode === true) === isSafe;
  });
}

/** After so many faults it waits for seconds before it is started again. */
async function killUntilDead(service: string): Promise<void> {
  const isDead = async (): Promise<boolean> =>
    (await fleet.observer.services(node)).some(({ name, state }) => name === service && state === "dead");
  for (let kills = 0; kills < 12; kills++) {
    if (await isDead()) return;
    await fleet.observer.ask(node, "fault", { service, kind: "kill" });
  }
  throw new Error(`${service} is alive`);
}

test("the document has a rule for each operation, and no other", () => {
  const rules = cddl.names.filter((name) => name.endsWith("-operation"));
  expect(rules.map((name) => name.slice(0, -"-operation".length)).sort()).toEqual(Object.keys(operations).sort());
});

test("each operation takes and answers what the document says", async () => {
  await perform("ping");
  await perform("ps");
  await perform("trace");
  await perform("configure", { declaredVolts: 231, reportSeconds: 1 });
  await perform("settings");
  await perform("undo");
  const moves = [{ service: "scheduler", module: "services/scheduler/deadline" }];
  await perform("swap", { moves });
  await perform("undo", { entry: 5 });
  await perform("develop", { moves: moves.map((move) => ({ ...move, isAfresh: true })) });
  await perform("journal", { after: 1 });
  await perform("journal");
  await perform("resend", { topic: "telemetry", from: 1, to: 200 });
  await perform("resend", { topic: "event", from: 1, to: 3 });
  await perform("fault", { service: "sensor", kind: "throw" });
  await fleet.observer.until(() => fleet.observer.of("fault", node).length > 0);
  await perform("faults");
  await perform("faults", { sequence: 1 });
  await killUntilDead("sensor");
  await perform("restart", { service: "sensor" });
  await isBorn(true, () => perform("reboot", { isSafe: true }));
  await perform("ps");
  await perform("image", { address: 4_096 });
  await perform("image");
  await perform("format");
  await isBorn(false, () => perform("reboot"));
  await isBorn(false, () => perform("power", { seconds: 1 }));
  expect(await fleet.observer.ask(node, "dance")).toMatchObject({ ok: false, code: "unknown-operation" });
  const rules = cddl.names.filter((name) => name.endsWith("-operation"));
  const inside = ["service-figures", "journal-record", "order", "move", "swapped", "settings", "traced"];
  expect(cddl.unseen([...rules, ...inside])).toEqual([]);
});

test("every payload that was heard meanwhile is as the document says", () => {
  for (const kind of ["birth", "death", "state", "log", "fault", "command", "reply"]) {
    const heard = fleet.observer.of(kind, node);
    expect({ kind, heard: heard.length > 0 }).toEqual({ kind, heard: true });
    for (const { payload } of heard) expect(cddl.check(kind, decode(payload))).toBeNull();
    expect(cddl.unseen([kind])).toEqual([]);
  }
});
