// Does a fleet stop as it was asked to, however the wish arrives, and does it say when it cannot keep up?

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, jest, test } from "@jest/globals";
import { type LughProcess, startLugh } from "tests/lugh-process";

jest.setTimeout(30_000);

let run: LughProcess;

async function startFleet(): Promise<void> {
  run = startLugh(["sim", "--nodes", "2", "--world", "steady", "--mqtt", "0"]);
  await run.untilOutput(/is up/);
}

afterEach(() => run.dispose());

test.each([1, 10, 40])(
  "a Ctrl-C that arrives twice, as npm passes it on after %d ms, is one: all ends in order",
  async (millis) => {
    await startFleet();
    const ended = run.interrupt();
    await sleep(millis);
    if (run.isRunning) process.kill(run.processId, "SIGINT");
    expect(await ended).toMatchObject({ code: 0, signal: null });
    expect(run.processes()).toEqual([]);
  },
);

test("SIGTERM ends it as Ctrl-C does", async () => {
  await startFleet();
  expect(await run.terminate()).toMatchObject({ code: 0, signal: null });
  expect(run.processes()).toEqual([]);
});

test("a killed program takes its workers along", async () => {
  await startFleet();
  expect(run.processes().some(({ command }) => command.includes("lugh-sim"))).toBe(true);
  process.kill(run.processId, "SIGKILL");
  await run.untilEnded();
  for (const endMillis = Date.now() + 3_000; run.processes().length > 0 && Date.now() < endMillis; ) await sleep(20);
  expect(run.processes()).toEqual([]);
});

test("a worker that falls behind is told of once, and its nodes go on", async () => {
  await startFleet();
  const worker = run.processes().find(({ command }) => command.includes("lugh-sim"));
  for (let pause = 0; pause < 2; pause++) {
    process.kill(worker?.id as number, "SIGSTOP");
    await sleep(3_200);
    process.kill(worker?.id as number, "SIGCONT");
    await sleep(1_200);
  }
  expect(run.standardError()).toMatch(
    /^Worker 1 of the simulator falls behind: wanted an answer within 2000 ms, found \d{4} ms; .*; start fewer of them\n$/,
  );
  expect((await run.interrupt()).code).toBe(0);
});
