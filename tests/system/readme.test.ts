// Are the commands of the README true? Each line of "Try it" runs as it stands, against a fleet that npm start brought up.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { findFreePort } from "sim/outage/mosquitto";
import { type LughProcess, startLugh, startNpm } from "tests/lugh-process";

jest.setTimeout(60_000);

const section = /## Try it\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(readFileSync("README.md", "utf8"))?.[1] ?? "";
const commands = section
  .split("\n")
  .map((line) => line.replace(/\s*#.*$/, ""))
  .filter((line) => line.startsWith("npx lugh "))
  .map((line) => line.slice("npx lugh ".length));

describe("the commands of the README", () => {
  let fleet: LughProcess;

  beforeAll(async () => {
    const [http, mqtt] = [await findFreePort(), await findFreePort()];
    fleet = startNpm({ LUGH_HTTP_PORT: `${http}`, LUGH_MQTT_PORT: `${mqtt}`, LUGH_NODES: "3" });
    await fleet.untilOutput(/LughOS is up/);
  });

  afterAll(() => fleet.dispose());

  test("are seven, of five kinds", () => {
    const kinds = ["ps", "fault", "swap", "undo", "logs"];
    expect(new Set(commands.map((command) => command.split(" ")[0]))).toEqual(new Set(kinds));
    expect(commands).toHaveLength(7);
  });

  test.each(commands)("lugh %s", async (command) => {
    const run = startLugh(command.split(" "), { LUGH_RUN_FILE: fleet.runFile });
    expect(await run.untilEnded(30_000)).toMatchObject({ code: 0, signal: null });
    // A node that has nothing to say for ten seconds logs nothing.
    if (!command.startsWith("logs")) expect(run.output()).not.toBe("");
  });
});
