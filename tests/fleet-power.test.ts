// Does a node of a running fleet come back from a power cut with what its flash holds, by a command that anyone can type?

import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { LiveFleet } from "tests/live-fleet";

jest.setTimeout(60_000);

const node = "toledo/node-1";
let fleet: LiveFleet;

beforeAll(async () => {
  fleet = await LiveFleet.start({ nodes: 2, readings: 3 });
});

afterAll(async () => {
  await fleet?.dispose();
});

test("a node whose power was cut is born again, and goes on with numbers that nobody has used", async () => {
  const before = fleet.observer.readings(node).map(({ sequence }) => sequence);
  const deaths = fleet.observer.of("death", node).length;
  const { code, stdout } = await fleet.lugh("fault", node, "power", "--seconds", "1");
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("no power for 1 s") });
  await fleet.observer.until(() => fleet.observer.of("death", node).length > deaths);
  const count = fleet.observer.readings(node).length;
  await fleet.observer.until(() => fleet.observer.readings(node).length >= count + 2, 20_000);
  const after = fleet.observer
    .readings(node)
    .slice(count)
    .map(({ sequence }) => sequence);
  expect(Math.min(...after)).toBeGreaterThan(Math.max(...before));
  expect(Math.min(...after)).toBeLessThanOrEqual((fleet.observer.readings(node)[count - 1]?.sequence as number) + 21);
  const other = fleet.observer.readings("toledo/node-2").map(({ sequence }) => sequence as number);
  expect(other).toEqual(other.map((_, index) => (other[0] as number) + index));
});

test("what is missing can be asked for again, and what was never said is named", async () => {
  const { stdout } = await fleet.lugh("resend", node, "1", "100", "--json");
  const { sent, missing } = JSON.parse(stdout) as { sent: number; missing: [number, number][] };
  expect(sent).toBeGreaterThan(0);
  expect(missing.at(-1)?.[1]).toBe(100);
  await fleet.observer.until(() => fleet.observer.readings(node).some((reading) => reading.isHistorical));
});

test("what fell before the power failed is still told afterwards, marked so", async () => {
  expect(await fleet.lugh("fault", node, "sensor", "throw")).toMatchObject({ code: 0 });
  await fleet.observer.until(() => fleet.observer.of("fault", node).length > 0);
  const births = fleet.observer.of("birth", node).length;
  expect(await fleet.lugh("fault", node, "power", "--seconds", "1")).toMatchObject({ code: 0 });
  await fleet.observer.until(() => fleet.observer.of("birth", node).length > births, 20_000);
  const { stdout } = await fleet.lugh("faults", node, "--json");
  const { faults } = JSON.parse(stdout) as { faults: { service: string; kind: string; isEarlier: boolean }[] };
  expect(faults).toContainEqual(expect.objectContaining({ service: "sensor", kind: "threw", isEarlier: true }));
  expect((await fleet.lugh("faults", node)).stdout).toMatch(/BOOT[\s\S]*earlier/);
});

test("orders that make no sense are refused in words", async () => {
  expect(await fleet.lugh("fault", node, "sensor")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("no KIND"),
  });
  expect(await fleet.lugh("fault", node, "power", "--seconds", "9999")).toMatchObject({ code: 2 });
  expect(await fleet.lugh("resend", node, "9", "3")).toMatchObject({ code: 2 });
});
