// Does `lugh sim` play a record to a live fleet, and say what to name when a record has no such channels?

import { afterEach, expect, test } from "@jest/globals";
import { connectAsync, type MqttClient } from "mqtt";
import { type CliProcess, runCli, runJson, startCli } from "tests/cli-run";
import { decodeEvent, type EventReport } from "wire/event";

const swing = "comtrade:tests/records/wisp-comtrade/2-bus.cfg";

let fleet: CliProcess | undefined;
let link: MqttClient | undefined;

afterEach(async () => {
  await link?.endAsync();
  fleet?.child.kill("SIGINT");
  await fleet?.result;
});

async function firstLineOf({ child, output }: CliProcess): Promise<string> {
  while (!output().includes("\n"))
    await new Promise((resolve, reject) => {
      child.stdout?.once("data", resolve);
      child.once("close", () => reject(new Error("lugh sim ended")));
    });
  return output();
}

test("every node of a live fleet reports the dips of a power swing (R2) as they are played", async () => {
  fleet = startCli(["sim", "--world", swing, "--nodes", "2", "--mqtt", "0", "--json"]);
  const { mqtt } = JSON.parse(await firstLineOf(fleet)) as { mqtt: string };
  link = await connectAsync(mqtt);
  const dips = new Map<string, EventReport[]>();
  const heard = new Promise<void>((resolve) => {
    link?.on("message", (topic, payload) => {
      const event = decodeEvent(payload);
      if (event.kind !== "dip" || event.phase !== "end") return;
      dips.set(topic, [...(dips.get(topic) ?? []), event]);
      if (dips.size === 2 && [...dips.values()].every(({ length }) => length >= 2)) resolve();
    });
  });
  await link.subscribeAsync("lugh/1/toledo/+/event");
  await heard;
  for (const events of dips.values())
    for (const { extreme, durationMicros } of events) {
      expect(extreme).toBeLessThan(0.9 * 50_500);
      expect(durationMicros).toBeGreaterThan(100_000);
    }
}, 60_000);

test("lugh sim lists its worlds, and the channels of a record when others were named", async () => {
  const { stdout } = await runCli(["sim", "--help"]);
  expect(stdout).toMatch(/--world WORLD .*blackout.*steady, feeder, comtrade:FILE or csv:FILE/);
  expect(stdout).toMatch(/--channels UA,UB,UC .*comtrade:FILE/);
  const { code, json } = await runJson(["sim", "--world", swing, "--channels", "UA,UB,UC"]);
  expect(code).toBe(1);
  expect(json.error.message).toBe(
    'Cannot play record tests/records/wisp-comtrade/2-bus.cfg: wanted names of its channels in --channels, found "UA". ' +
      "It has Ua_1СШ-110_ТН_110кВ (kV), Ub_1СШ-110_ТН_110кВ (kV), Uc_1СШ-110_ТН_110кВ (kV)",
  );
});
