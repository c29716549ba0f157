// What a newcomer meets on the first day: commands beside a fleet that runs well, and payloads from mosquitto_sub.

import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { runCli } from "tests/cli-run";
import { FleetObserver } from "tests/fleet-observer";
import { type LughProcess, startLugh } from "tests/lugh-process";

jest.setTimeout(30_000);

let run: LughProcess;
let observer: FleetObserver;
let broker: string;

beforeAll(async () => {
  run = startLugh(["sim", "--nodes", "2", "--world", "steady", "--mqtt", "0", "--json"]);
  const [line] = await run.untilOutput(/^\{.*\}\n/);
  broker = (JSON.parse(line) as { mqtt: string }).mqtt;
  observer = await FleetObserver.connect(Number(new URL(broker).port));
  await observer.until(() => observer.readings("toledo/node-1").length >= 3);
});

afterAll(async () => {
  await observer?.close();
  await run?.dispose();
});

describe("lugh logs of nodes that are well", () => {
  test("says that it listens, and in the end that there was nothing", async () => {
    expect(await runCli(["logs", "--seconds", "1", "--broker", broker])).toEqual({
      code: 0,
      stdout: "",
      stderr: "Listening for 1 s\nThe nodes had nothing to say\n",
    });
    const { stderr } = await runCli(["logs", "toledo/node-2", "--seconds", "1", "--broker", broker]);
    expect(stderr).toBe("Listening for 1 s\ntoledo/node-2 had nothing to say\n");
  });
});

test("lugh ps shows how long a node is up now, and not how long it was when it last told", async () => {
  const { stdout } = await runCli(["ps", "--broker", broker]);
  const [, told, age] = /toledo\/node-1 .* (\d+ m?s) +(\d+ m?s) ago$/m.exec(stdout) ?? [];
  const seconds = (text = ""): number => Number.parseInt(text, 10) / (text.endsWith("ms") ? 1_000 : 1);
  expect(seconds(age)).toBeGreaterThanOrEqual(2);
  expect(seconds(told)).toBeGreaterThanOrEqual(seconds(age));
});

describe("lugh decode of a payload as mosquitto_sub printed it", () => {
  const reading = (): Buffer => Buffer.from(observer.of("telemetry", "toledo/node-1")[0]?.payload ?? []);

  test("names the line end that is too much, and takes it without", async () => {
    const { code, stderr } = await runCli(["decode"], { input: Buffer.concat([reading(), Buffer.from("\n")]) });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("mosquitto_sub leaves out with -N") });
    expect((await runCli(["decode", "--kind", "telemetry"], { input: reading() })).stdout).toContain(
      "toledo:node-1:u1",
    );
  });

  test("names the option that takes hexadecimal digits, and takes them with it", async () => {
    const input = `${reading().toString("hex")}\n`;
    const { code, stderr } = await runCli(["decode"], { input });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("which --hex takes") });
    expect((await runCli(["decode", "--hex", "--kind", "telemetry"], { input })).stdout).toContain("toledo:node-1:u1");
  });
});
