// Does a live node report what fell, come back in safe mode when it is told to, say so, and let itself be mended?

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { LiveFleet } from "tests/live-fleet";
import { type Birth, decodeBirth } from "wire/birth";
import { decodeFault } from "wire/fault";

jest.setTimeout(60_000);

const node = "toledo/node-1";
let fleet: LiveFleet;

beforeAll(async () => {
  fleet = await LiveFleet.start();
});

afterAll(async () => {
  await fleet?.dispose();
});

function births(): Birth[] {
  return fleet.observer.of("birth", node).map(({ payload }) => decodeBirth(payload));
}

test("a fault is reported at once, and lugh faults shows it with what came before", async () => {
  expect(await fleet.lugh("fault", node, "sensor", "memory")).toMatchObject({ code: 0 });
  await fleet.observer.until(() => fleet.observer.of("fault", node).length > 0);
  const report = decodeFault(fleet.observer.of("fault", node)[0]?.payload as Uint8Array);
  expect(report).toMatchObject({ service: "sensor", kind: "out-of-memory", sequence: 1, generation: 1 });
  expect((await fleet.lugh("faults", node)).stdout).toMatch(/1 .*sensor \d.*out-of-memory/);
  const { stdout } = await fleet.lugh("faults", node, "1", "--json");
  const { trace, ...whole } = JSON.parse(stdout) as { trace: { service: string; outcome: string }[] };
  expect(whole).toMatchObject({ node, service: "sensor", memoryBytes: 262_144 });
  expect(trace.at(-1)).toMatchObject({ service: "sensor", outcome: "out-of-memory" });
  expect((await fleet.lugh("faults", node, "1")).stdout).toContain("BEFORE");
  expect(await fleet.lugh("faults", node, "99")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("fault 99"),
  });
});

test("what takes part in every update is tried by a reboot, and what is no good is undone by the boot record", async () => {
  const moves = ["scheduler=deadline", "reincarnation=services/reincarnation/policy"];
  const { stdout: trial } = await fleet.lugh("swap", node, ...moves);
  expect(trial).toContain("begins anew, and tries it");
  // It is away meanwhile, and answers nobody.
  while ((await outcomes()).at(-1) !== "undone") await sleep(200);
  const { stdout } = await fleet.lugh("swap", node, "scheduler=deadline", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ node, outcome: "confirmed", handled: 0 });
});

async function outcomes(): Promise<string[]> {
  const { code, stdout } = await fleet.lugh("journal", node, "--json");
  if (code !== 0) return [];
  return (JSON.parse(stdout) as { changes: { outcome: string }[] }).changes.map(({ outcome }) => outcome);
}

test("a node in safe mode says so, refuses what it cannot do, and is brought back", async () => {
  expect(await fleet.lugh("reboot", node, "--safe")).toMatchObject({ code: 0 });
  await fleet.observer.until(() => births().some(({ isSafeMode }) => isSafeMode === true));
  const safe = births().find(({ isSafeMode }) => isSafeMode === true) as Birth;
  expect(safe.services.map(({ name }) => name)).not.toContain("sensor");
  expect((await fleet.lugh("ps")).stdout).toMatch(/node-1 .* safe /);
  expect((await fleet.lugh("ps", node)).stdout).toContain("SAFE MODE");
  for (const command of [
    ["swap", node, "scheduler=priority"],
    ["restart", node, "sensor"],
    ["faults", node],
  ])
    expect(await fleet.lugh(...command)).toMatchObject({ code: 1, stderr: expect.stringContaining("safe mode") });
  expect(await fleet.lugh("reboot", node)).toMatchObject({ code: 0 });
  await fleet.observer.until(() => births().some(({ isSafeMode, session }) => session > safe.session && !isSafeMode));
  const readings = fleet.observer.readings(node).length;
  await fleet.observer.until(() => fleet.observer.readings(node).length > readings);
});
