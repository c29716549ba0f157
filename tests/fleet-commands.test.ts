// What a newcomer meets on the first day: commands beside a fleet that runs well, and payloads from mosquitto_sub.

import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { runCli } from "tests/cli-run";
import { LiveFleet } from "tests/live-fleet";

jest.setTimeout(30_000);

let fleet: LiveFleet;

beforeAll(async () => {
  fleet = await LiveFleet.start({ nodes: 2, readings: 3, isCommandable: false });
});

afterAll(async () => {
  await fleet?.dispose();
});

describe("lugh logs of nodes that are well", () => {
  test("says that it listens, and in the end that there was nothing", async () => {
    expect(await fleet.lugh("logs", "--seconds", "1")).toEqual({
      code: 0,
      stdout: "",
      stderr: "Listening for 1 s\nThe nodes had nothing to say\n",
    });
    const { stderr } = await fleet.lugh("logs", "toledo/node-2", "--seconds", "1");
    expect(stderr).toBe("Listening for 1 s\ntoledo/node-2 had nothing to say\n");
  });
});

test("lugh ps shows how long a node is up now, and not how long it was when it last told", async () => {
  const { stdout } = await fleet.lugh("ps");
  const [, told, age] = /toledo\/node-1 .* (\d+ m?s) +(\d+ m?s) ago$/m.exec(stdout) ?? [];
  const seconds = (text = ""): number => Number.parseInt(text, 10) / (text.endsWith("ms") ? 1_000 : 1);
  expect(seconds(age)).toBeGreaterThanOrEqual(2);
  expect(seconds(told)).toBeGreaterThanOrEqual(seconds(age));
});

describe("lugh decode of a payload as mosquitto_sub printed it", () => {
  const reading = (): Buffer => Buffer.from(fleet.observer.of("telemetry", "toledo/node-1")[0]?.payload ?? []);

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
