// Does a node of a running fleet come back from a power cut with what its flash holds, by a command that anyone can type?

import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { runCli } from "tests/cli-run";
import { FleetObserver } from "tests/fleet-observer";
import { type LughProcess, startLugh } from "tests/lugh-process";

jest.setTimeout(60_000);

const node = "toledo/node-1";
let run: LughProcess;
let observer: FleetObserver;
let broker: string;

beforeAll(async () => {
  run = startLugh(["sim", "--nodes", "2", "--world", "steady", "--mqtt", "0", "--insecure-commands", "--json"]);
  const [line] = await run.untilOutput(/^\{.*\}\n/);
  broker = (JSON.parse(line) as { mqtt: string }).mqtt;
  observer = await FleetObserver.connect(Number(new URL(broker).port));
  await observer.until(() => observer.readings(node).length >= 3);
});

afterAll(async () => {
  await observer?.close();
  await run?.dispose();
});

const lugh = (...args: string[]): ReturnType<typeof runCli> => runCli([...args, "--broker", broker]);

test("a node whose power was cut is born again, and goes on with numbers that nobody has used", async () => {
  const before = observer.readings(node).map(({ sequence }) => sequence);
  const deaths = observer.of("death", node).length;
  const { code, stdout } = await lugh("fault", node, "power", "--seconds", "1");
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("no power for 1 s") });
  await observer.until(() => observer.of("death", node).length > deaths);
  const count = observer.readings(node).length;
  await observer.until(() => observer.readings(node).length >= count + 2, 20_000);
  const after = observer
    .readings(node)
    .slice(count)
    .map(({ sequence }) => sequence);
  expect(Math.min(...after)).toBeGreaterThan(Math.max(...before));
  expect(Math.min(...after)).toBeLessThanOrEqual((observer.readings(node)[count - 1]?.sequence as number) + 21);
  expect(observer.readings("toledo/node-2").map(({ sequence }) => sequence)).toEqual(
    observer.readings("toledo/node-2").map((_, index) => index + 1),
  );
});

test("what is missing can be asked for again, and what was never said is named", async () => {
  const { stdout } = await lugh("resend", node, "1", "100", "--json");
  const { sent, missing } = JSON.parse(stdout) as { sent: number; missing: [number, number][] };
  expect(sent).toBeGreaterThan(0);
  expect(missing.at(-1)?.[1]).toBe(100);
  await observer.until(() => observer.readings(node).some((reading) => reading.isHistorical));
});

test("orders that make no sense are refused in words", async () => {
  expect(await lugh("fault", node, "sensor")).toMatchObject({ code: 2, stderr: expect.stringContaining("no KIND") });
  expect(await lugh("fault", node, "power", "--seconds", "9999")).toMatchObject({ code: 2 });
  expect(await lugh("resend", node, "9", "3")).toMatchObject({ code: 2 });
});
