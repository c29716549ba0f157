// Does a fleet do with mosquitto what it does with the broker that we embed, and does it stand what a broker and strangers
// on it can do to it? One fleet of 24, as `lugh sim` starts it, from 12:33:00; its road to the broker is the test's.

import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { Mosquitto } from "sim/outage/mosquitto";
import { FleetObserver, type HeardStatistics } from "tests/fleet-observer";
import { type LughProcess, startLugh } from "tests/lugh-process";
import { MosquittoListener, publishWithMosquitto } from "tests/system/mosquitto";
import { TcpRelay } from "tests/system/tcp-relay";

jest.setTimeout(120_000);

/** A node is back so long after its broker (wire/backoff). */
const backoffMillis = 61_000;

const names = Array.from({ length: 24 }, (_, index) => `toledo/node-${index + 1}`).sort();

let mosquitto: Mosquitto;
let relay: TcpRelay;
let lugh: LughProcess;
/** The first listens until the broker is killed; the next comes back with it. */
const listeners: MosquittoListener[] = [];

beforeAll(async () => {
  mosquitto = await Mosquitto.start();
  relay = await TcpRelay.open(mosquitto.port);
  await listen();
  lugh = startLugh(["sim", "--broker", `mqtt://127.0.0.1:${relay.port}`, "--at", "12:33:00"]);
  await lugh.untilOutput(/is up/);
});

afterAll(async () => {
  await lugh?.dispose();
  for (const each of listeners) await each.stop();
  await relay?.close();
  await mosquitto?.dispose();
});

async function listen(): Promise<MosquittoListener> {
  const listener = await MosquittoListener.start(mosquitto.port);
  listeners.push(listener);
  return listener;
}

function listener(): MosquittoListener {
  return listeners.at(-1) as MosquittoListener;
}

/** Numbers of a node's readings, repetitions left out. What waited in storage comes behind what is new. */
function sequencesOf(node: string): number[] {
  const sequences = new Set(listeners.flatMap((each) => each.readings(node).map(({ sequence }) => sequence)));
  return [...sequences].sort((one, other) => one - other);
}

function nodesWithReadingOf(second: number): string[] {
  const readings = listener().readings();
  return readings.filter(({ timeSeconds }) => timeSeconds === second).map(({ node }) => node);
}

/** Every node reports now. */
async function awaitFleet(): Promise<void> {
  const second = Math.ceil(Date.now() / 1000) + 1;
  await listener().until(() => new Set(nodesWithReadingOf(second)).size === names.length);
}

function logOf(node: string): string[] {
  const lines = listener().bodies<{ text: string }>("log", node);
  return lines.map(({ text }) => text);
}

/** As many as fall into the fullest window of a length. */
function countInWindow(moments: readonly number[], windowMillis: number): number {
  return Math.max(...moments.map((begin) => moments.filter((at) => at >= begin && at < begin + windowMillis).length));
}

describe("a fleet behind mosquitto", () => {
  test("has 24 births waiting for who comes later", async () => {
    const late = await MosquittoListener.start(mosquitto.port, "lugh/1/+/+/birth");
    await late.until(() => new Set(late.of("birth").map(({ node }) => node)).size >= names.length);
    await late.stop();
    const births = late.of("birth").map(({ node, isRetained }) => `${node} ${isRetained}`);
    // At QoS 1 a broker may send one of them twice.
    expect([...new Set(births)].sort()).toEqual(names.map((name) => `${name} true`));
  });

  test("reports 24 readings each second, which follow the record", async () => {
    await awaitFleet();
    const begin = Math.ceil(Date.now() / 1000);
    const seconds = [0, 1, 2].map((offset) => begin + offset);
    await listener().until(() => nodesWithReadingOf(begin + 3).length > 0);
    for (const second of seconds) {
      expect(nodesWithReadingOf(second).sort()).toEqual(names);
      const readings = listener().readings();
      for (const { values, recordTime } of readings.filter(({ timeSeconds }) => timeSeconds === second)) {
        expect(values.f?.toFixed(1)).toBe("50.0");
        expect(recordTime).toMatch(/^12:33:\d\d$/);
      }
    }
  });

  test("leaves a broker that sends garbage, says so once a node, and comes back with nothing lost", async () => {
    const births = listener().of("birth").length;
    relay.sendToCallers(Uint8Array.of(0xf0, 0x03, 1, 2, 3));
    await listener().until(() => listener().of("birth").length === births + names.length, 5_000);
    await awaitFleet();
    for (const node of names) {
      expect(logOf(node).filter((text) => text.includes("Cannot decode MQTT packet"))).toHaveLength(1);
      expect(sequencesOf(node)).toEqual(sequencesOf(node).map((_, index) => index + 1));
    }
  });
});

describe("a broker that is killed for ten seconds while the grid collapses", () => {
  let cutMillis: number;
  let backMillis: number;

  test("is not asked in a storm", async () => {
    await listener().until(
      () =>
        listener()
          .readings()
          .some(({ recordTime }) => recordTime >= "12:33:14"),
      30_000,
    );
    await mosquitto.kill();
    await listener().stop();
    cutMillis = Date.now();
    relay.arrivals.length = 0;
    relay.isHangingUp = true;
    await sleep(7_000);
    await relay.close();
    // All try again in the first seconds, at moments of their own, and then ever more rarely.
    const attempts = relay.arrivals.map((at) => at - cutMillis);
    expect(attempts.length).toBeGreaterThanOrEqual(names.length);
    expect(attempts.length).toBeLessThanOrEqual(names.length * 5);
    expect(countInWindow(attempts, 1_000)).toBeLessThanOrEqual(40);
    expect(countInWindow(attempts, 100)).toBeLessThanOrEqual(10);
    const later = attempts.filter((at) => at > 4_000);
    expect(countInWindow(later, 1_000)).toBeLessThanOrEqual(15);
  });

  test("is told of by the program, in one line", () => {
    const lines = lugh.standardError().trimEnd().split("\n");
    expect(lines).toEqual([expect.stringContaining("The broker is gone.")]);
  });

  test("gets all nodes back, each by one connection", async () => {
    await sleep(Math.max(0, cutMillis + 10_000 - Date.now()));
    await mosquitto.restart();
    await listen();
    relay.isHangingUp = false;
    relay.arrivals.length = 0;
    backMillis = Date.now();
    await relay.listen();
    await listener().until(
      () =>
        new Set(
          listener()
            .of("birth")
            .map(({ node }) => node),
        ).size === names.length,
      backoffMillis + 15_000,
    );
    await awaitFleet();
    expect(relay.arrivals).toHaveLength(names.length);
    expect(countInWindow(relay.arrivals, 100)).toBeLessThanOrEqual(8);
  });

  test("hears from each node its birth first, and what happened meanwhile before what was measured meanwhile", () => {
    for (const node of names) {
      const heard = listener().heard.filter((each) => each.node === node);
      expect(heard[0]?.kind).toBe("birth");
      const begun = listener()
        .events(node)
        .filter(({ phase }) => phase === "begin");
      const kinds = begun.filter(({ startMicros }) => startMicros < backMillis * 1000).map(({ kind }) => kind);
      expect(kinds).toEqual(expect.arrayContaining(["under-frequency", "dip", "interruption"]));
      const readings = listener().readings(node);
      const waited = readings.findIndex(({ timeSeconds }) => timeSeconds * 1000 > cutMillis + 1_000);
      const firstWaited = listener().of("telemetry", node)[waited];
      expect(heard.indexOf(listener().of("event", node)[0] as never)).toBeLessThan(heard.indexOf(firstWaited as never));
    }
  });

  test.each(names)("did not stop %s from measuring: every reading arrived", (node) => {
    const sequences = sequencesOf(node);
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
    const times = listener()
      .readings(node)
      .map(({ timeSeconds }) => timeSeconds);
    expect(new Set(times).size).toBe(times.length);
    const during = times.filter((seconds) => seconds * 1000 > cutMillis && seconds * 1000 < cutMillis + 9_000);
    expect(during).toHaveLength(9);
  });

  test("cost no node anything: its state tells what waits, and that nothing was given up", async () => {
    interface State {
      readonly outbox: { readonly queued: number; readonly inFlight: number; readonly dropped: number };
      readonly services: readonly { readonly name: string; readonly restarts: number }[];
    }
    await listener().until(() => names.every((node) => listener().of("state", node).length > 0), 15_000);
    for (const node of names) {
      const state = listener().bodies<State>("state", node).at(-1);
      expect(state?.outbox).toMatchObject({ dropped: 0, queued: expect.any(Number), inFlight: expect.any(Number) });
      expect(state?.services.filter(({ restarts }) => restarts > 0)).toEqual([]);
    }
  });

  test("is told of by each node once, when it can be told", async () => {
    const isTold = (text: string): boolean => /^connected to .* after \d+ failed attempts/.test(text);
    await listener().until(() => names.every((node) => logOf(node).some(isTold)));
    for (const node of names) {
      expect(logOf(node).filter(isTold)).toHaveLength(1);
      expect(logOf(node).filter((text) => text.startsWith("no broker at "))).toHaveLength(1);
    }
  });
});

describe("garbage", () => {
  const node = "toledo/node-1";
  const topic = `lugh/1/${node}/command`;

  test("on a command topic is counted, told once, and stops nothing", async () => {
    const garbage = ["reboot now", "", "\u00a0", "[]"].map((text) => Buffer.from(text, "latin1"));
    garbage.push(randomBytes(9_000));
    for (const payload of garbage) await publishWithMosquitto(mosquitto.port, topic, payload);
    await publishWithMosquitto(mosquitto.port, topic, Buffer.from("for ever"), "-r");
    const observer = await FleetObserver.connect(mosquitto.port);
    const { result } = await observer.ask<HeardStatistics>(node, "ps");
    await observer.close();
    expect(result?.command.refused).toEqual({ "bad-command": garbage.length + 1 });
    expect(result?.services.filter(({ generation }) => generation > 1)).toEqual([]);
    const told = (): string[] => logOf(node).filter((text) => text.includes("only counted"));
    await listener().until(() => told().length > 0);
    expect(told()).toHaveLength(1);
  });

  test("on the broker's socket ends the connection that it came on, and no other", async () => {
    const births = listener().of("birth").length;
    const strangers = Array.from({ length: 50 }, async (_, index) => {
      const socket = connect(mosquitto.port, "127.0.0.1");
      // The broker hangs up on most of them.
      socket.on("error", () => socket.destroy());
      socket.write(randomBytes(20 * (index + 1)));
      await sleep(300);
      socket.destroy();
    });
    await Promise.all(strangers);
    await awaitFleet();
    expect(listener().of("birth")).toHaveLength(births);
  });
});

test("Ctrl-C ends the fleet with code 0, and the broker tells of every node that it died", async () => {
  const deaths = listener().of("death").length;
  expect(await lugh.interrupt()).toMatchObject({ code: 0 });
  await listener().until(() => listener().of("death").length >= deaths + names.length);
  expect(
    new Set(
      listener()
        .of("death")
        .slice(deaths)
        .map(({ node }) => node),
    ).size,
  ).toBe(names.length);
  expect(lugh.processes()).toEqual([]);
});
