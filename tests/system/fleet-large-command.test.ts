// Can one message keep a node from its broker for good? Whoever reaches the broker can publish on a command topic, and a
// broker sends again at each connect what was not acknowledged.

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { Mosquitto } from "sim/outage/mosquitto";
import { type LughProcess, startLugh } from "tests/lugh-process";
import { MosquittoListener, publishWithMosquitto } from "tests/system/mosquitto";

jest.setTimeout(30_000);

const node = "toledo/node-1";
let mosquitto: Mosquitto;
let listener: MosquittoListener;
let lugh: LughProcess;

beforeAll(async () => {
  mosquitto = await Mosquitto.start();
  listener = await MosquittoListener.start(mosquitto.port);
  lugh = startLugh(["sim", "--broker", `mqtt://127.0.0.1:${mosquitto.port}`, "--nodes", "1", "--world", "steady"]);
  await lugh.untilOutput(/is up/);
});

afterAll(async () => {
  await lugh?.dispose();
  await listener?.stop();
  await mosquitto?.dispose();
});

test("a command larger than a node takes is passed over and told once, and does not keep the node from its broker", async () => {
  await listener.until(() => listener.readings(node).length >= 2);
  await publishWithMosquitto(mosquitto.port, `lugh/1/${node}/command`, randomBytes(20_000));
  await sleep(6_000);
  const births = listener.of("birth", node).length;
  const heard = listener.readings(node).length;
  await sleep(3_000);
  expect(listener.of("birth", node)).toHaveLength(births);
  expect(listener.readings(node).length - heard).toBeGreaterThanOrEqual(2);
  const lines = listener.bodies<{ text: string }>("log", node).filter(({ text }) => text.includes("16384"));
  expect(lines).toHaveLength(1);
});
