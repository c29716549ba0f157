// Does the outbox lose nothing beyond its stated window: across outages, faults and power cuts, in a full store and without one?
// The mqtt service and the real storage service, on the reference flash, at a real broker.

import { afterEach, describe, expect, jest, test } from "@jest/globals";
import type { Numbers } from "services/api/publication";
import type { Broker } from "sim/broker";
import {
  alarm,
  closeAll,
  eventOf,
  type Heard,
  type Node,
  openBroker,
  openListener,
  openNode,
  outboxOf,
  readingOf,
  report,
  until,
  untilConnected,
} from "tests/mqtt-node";
import { StoragePeer } from "tests/storage-peer";

// A reading a second for minutes, through a real store: seconds alone, more beside others.
jest.setTimeout(60_000);

afterEach(closeAll);

const topicOf = ({ topic }: Heard): string => topic.split("/").at(-1) as string;

function readings(heard: readonly Heard[]): ReturnType<typeof readingOf>[] {
  return heard.filter((each) => topicOf(each) === "telemetry").map(readingOf);
}

function sequences(heard: readonly Heard[]): number[] {
  return readings(heard).map(({ sequence }) => sequence);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** One reading a second. */
async function measure(node: Node, from: number, to: number): Promise<void> {
  for (const sequence of range(from, to)) {
    expect(await report(node, sequence)).toBe(true);
    await node.shell.advance(1_000);
  }
}

async function openOutage(storage?: StoragePeer): Promise<{ node: Node; broker: Broker }> {
  const broker = await openBroker();
  const node = await openNode(broker.port, {}, storage);
  await untilConnected(node);
  await broker.close();
  await until(async () => (await outboxOf(node)).session === null);
  return { node, broker };
}

/** The broker is back; time goes on until the node has found it. */
async function endOutage(node: Node, port: number): Promise<Heard[]> {
  const broker = await openBroker(port);
  const { heard } = await openListener(broker, "lugh/1/toledo/node-1/+");
  await reconnect(node);
  return heard;
}

async function reconnect(node: Node): Promise<void> {
  await until(async () => {
    await node.shell.advance(1_000);
    return (await outboxOf(node)).session !== null;
  });
}

/** As after a power cut: a new machine without a commit, and storage as the flash has it. */
async function reboot(node: Node, brokerPort: number): Promise<Node> {
  node.port.dispose();
  await node.storage.cutPower();
  return openNode(brokerPort, {}, node.storage);
}

describe("an outage", () => {
  test("moves readings to storage, so that memory stays bounded, and loses none", async () => {
    const { node, broker } = await openOutage();
    await measure(node, 1, 240);
    const { queued, stored, dropped } = await outboxOf(node);
    expect(queued).toBeLessThanOrEqual(10);
    expect(queued + stored).toBe(240);
    expect(dropped).toBe(0);
    const heard = await endOutage(node, broker.port);
    await until(() => new Set(sequences(heard)).size === 240);
    expect(sequences(heard).sort((one, other) => one - other)).toEqual(range(1, 240));
    await until(async () => (await outboxOf(node)).stored === 0);
  });

  test("leaves its events first, then its history in order; old data says so, new data does not", async () => {
    const { node, broker } = await openOutage();
    await measure(node, 1, 60);
    expect(await alarm(node, 1)).toBe(true);
    await measure(node, 61, 90);
    const heard = await endOutage(node, broker.port);
    await until(() => sequences(heard).length === 90);
    const kinds = heard.map(topicOf).filter((kind) => kind === "event" || kind === "telemetry");
    expect(kinds[0]).toBe("event");
    expect(heard.filter((each) => topicOf(each) === "event").map(eventOf)).toMatchObject([
      { sequence: 1, historical: true },
    ]);
    const history = sequences(heard).filter((sequence) => sequence <= 80);
    expect(history).toEqual(range(1, 80));
    for (const { sequence, historical } of readings(heard)) if (sequence <= 80) expect(historical).toBe(true);
    await report(node, 91);
    await until(() => sequences(heard).includes(91));
    expect(readings(heard).at(-1)).toMatchObject({ sequence: 91, historical: false });
  });

  test("does not hold up what is new: history goes when nothing else waits", async () => {
    const { node } = await openOutage();
    await measure(node, 1, 60);
    const broker = await openBroker();
    const { heard } = await openListener(broker, "lugh/1/toledo/node-1/+");
    const again = await reboot(node, broker.port);
    await report(again, 81);
    await until(() => sequences(heard).length > 50);
    expect(sequences(heard)[0]).toBe(81);
    expect(sequences(heard).slice(1)).toEqual(range(1, sequences(heard).length - 1));
  });

  test("of a few seconds writes nothing but the numbers", async () => {
    const broker = await openBroker();
    const { heard } = await openListener(broker, "lugh/1/toledo/node-1/+");
    const node = await openNode(broker.port);
    await untilConnected(node);
    for (const sequence of range(1, 100)) {
      await report(node, sequence);
      await until(async () => (await outboxOf(node)).inFlight === 0);
      await node.shell.advance(1_000);
    }
    expect(sequences(heard)).toEqual(range(1, 100));
    expect(node.storage.writes).toBe(5);
  });
});

describe("a power cut", () => {
  test("loses no event, and of readings those of the last ten seconds at most; numbers are never used again", async () => {
    const { node, broker } = await openOutage();
    await measure(node, 1, 45);
    expect(await alarm(node, 1)).toBe(true);
    const again = await reboot(node, broker.port);
    const { telemetry, event } = (await again.shell.deliver("numbers")) as Numbers;
    expect(telemetry).toBeGreaterThan(45);
    expect(telemetry).toBeLessThanOrEqual(45 + 20 + 1);
    expect(event).toBeGreaterThan(1);
    await report(again, telemetry);
    const heard = await endOutage(again, broker.port);
    await until(() => sequences(heard).includes(35));
    const kept = sequences(heard).filter((sequence) => sequence <= 45);
    expect(kept).toEqual(range(1, kept.length));
    expect(kept.length).toBeGreaterThanOrEqual(35);
    expect(heard.filter((each) => topicOf(each) === "event").map(eventOf)).toMatchObject([
      { sequence: 1, historical: true },
    ]);
    expect(readings(heard).find(({ sequence }) => sequence === telemetry)).toMatchObject({ historical: false });
  });

  test("sends nothing again of what the broker had acknowledged, but what it acknowledged in the last seconds", async () => {
    const { node, broker } = await openOutage();
    await measure(node, 1, 60);
    await alarm(node, 1);
    const heard = await endOutage(node, broker.port);
    await until(async () => (await outboxOf(node)).stored === 0 && (await outboxOf(node)).inFlight === 0);
    // The broker tells the node before it tells the listener.
    await until(() => new Set(sequences(heard)).size === 60 && heard.some((each) => topicOf(each) === "event"));
    await node.shell.advance(6_000);
    const before = heard.length;
    const again = await reboot(node, broker.port);
    await untilConnected(again);
    await again.shell.advance(10_000);
    expect(heard.slice(before).filter((each) => ["telemetry", "event"].includes(topicOf(each)))).toEqual([]);
  });

  test("in every write leaves numbers and events that go on", async () => {
    const broker = await openBroker();
    const { heard } = await openListener(broker, "lugh/1/toledo/node-1/event");
    let node = await openNode(broker.port);
    let next = 1;
    for (let round = 0; round < 12; round++) {
      const { event } = (await node.shell.deliver("numbers")) as Numbers;
      expect(event).toBeGreaterThanOrEqual(next);
      next = event + 1;
      expect(await alarm(node, event)).toBe(true);
      node = await reboot(node, broker.port);
    }
    await untilConnected(node);
    await until(() => new Set(heard.map(eventOf).map(({ sequence }) => sequence)).size === 12);
  });
});

describe("a fault of the service", () => {
  test("loses nothing that was accepted, and takes what is offered again as the same", async () => {
    const { node, broker } = await openOutage();
    await measure(node, 1, 33);
    await alarm(node, 1);
    node.shell.restart();
    expect(await report(node, 33)).toBe(true);
    expect(await alarm(node, 1)).toBe(true);
    await measure(node, 34, 50);
    const heard = await endOutage(node, broker.port);
    await until(() => new Set(sequences(heard)).size === 50);
    const counts = sequences(heard).filter((sequence) => sequence === 33);
    expect(counts).toHaveLength(1);
    expect(heard.filter((each) => topicOf(each) === "event")).toHaveLength(1);
  });
});

describe("a full store", () => {
  test("gives up the oldest readings, never an event, and the node says how many; the count outlives the power", async () => {
    const storage = new StoragePeer({ service: "mqtt", prefix: "mqtt/", sectors: 12 });
    const { node, broker } = await openOutage(storage);
    await alarm(node, 1);
    await measure(node, 1, 1_500);
    const { dropped, stored, queued } = await outboxOf(node);
    expect(dropped).toBeGreaterThan(100);
    expect(dropped + stored + queued).toBe(1_501);
    expect(node.shell.logged.filter((line) => line.includes("gave way to others in storage"))).not.toEqual([]);
    const again = await reboot(node, broker.port);
    await again.shell.deliver("numbers");
    expect((await outboxOf(again)).dropped).toBe(dropped);
    const heard = await endOutage(again, broker.port);
    await until(async () => (await outboxOf(again)).stored === 0);
    const kept = sequences(heard);
    expect(kept[0]).toBe(dropped + 1);
    expect(kept).toEqual(range(dropped + 1, kept.at(-1) as number));
    expect(heard.filter((each) => topicOf(each) === "event").map(eventOf)).toMatchObject([{ sequence: 1 }]);
  });
});

test("what was lost before it was offered is counted with the rest, across the power", async () => {
  const storage = new StoragePeer({ service: "mqtt", prefix: "mqtt/" });
  const { node } = await openOutage(storage);
  await node.shell.deliver("lost", { count: 5 });
  await node.shell.deliver("lost", { count: "many" });
  expect(await outboxOf(node)).toMatchObject({ dropped: 5 });
  await measure(node, 1, 2);
  await storage.cutPower();
  const again = await openNode(1, {}, storage);
  expect(await outboxOf(again)).toMatchObject({ dropped: 5 });
});

describe("storage that does not answer", () => {
  test("is told of once, and the outbox goes on in memory; what waits is stored once it answers", async () => {
    const { node } = await openOutage();
    node.storage.answer = "dead";
    await measure(node, 1, 30);
    expect(await alarm(node, 1)).toBe(true);
    expect(await outboxOf(node)).toMatchObject({ queued: 31, stored: 0, dropped: 0 });
    expect(node.shell.logged.filter((line) => line.includes("in memory only"))).toHaveLength(1);
    node.storage.answer = null;
    await node.shell.advance(5_000);
    expect(await outboxOf(node)).toMatchObject({ queued: 1, stored: 30 });
  });

  test("leaves numbers to the clock, so that even then none is used twice", async () => {
    const storage = new StoragePeer({ service: "other", prefix: "other/" });
    const broker = await openBroker();
    const node = await openNode(broker.port, {}, storage);
    const first = (await node.shell.deliver("numbers")) as Numbers;
    await node.shell.advance(60_000);
    const second = (await (await reboot(node, broker.port)).shell.deliver("numbers")) as Numbers;
    expect(first.telemetry).toBeGreaterThan(1_700_000_000);
    expect(second.telemetry).toBeGreaterThanOrEqual(first.telemetry);
  });
});

test("a store that was formatted leaves numbers to the clock, and the outbox goes on in it", async () => {
  const storage = new StoragePeer({ service: "mqtt", prefix: "mqtt/" });
  const { node } = await openOutage(storage);
  await measure(node, 1, 30);
  await storage.format();
  await node.shell.deliver("formatted");
  await storage.cutPower();
  const again = await openNode(1, {}, storage);
  const { telemetry, event } = (await again.shell.deliver("numbers")) as Numbers;
  expect(Math.min(telemetry, event)).toBeGreaterThan(1_000_000_000);
});

test("what lay in storage and was sent is let go of after a quarter of an hour, an event after a day", async () => {
  const storage = new StoragePeer({ service: "mqtt", prefix: "mqtt/" });
  const { node, broker } = await openOutage(storage);
  await measure(node, 1, 40);
  await alarm(node, 1);
  const keys = async (): Promise<string[]> => {
    const { entries } = (await storage.peer("list", { prefix: "mqtt/" } as never)) as { entries: { key: string }[] };
    return entries.map(({ key }) => key.split("/")[1] as string);
  };
  const heard = await endOutage(node, broker.port);
  await until(async () => sequences(heard).length === 40 && (await outboxOf(node)).stored === 0);
  await node.shell.advance(800_000);
  expect((await keys()).filter((kind) => kind === "telemetry").length).toBeGreaterThan(5);
  await node.shell.advance(200_000);
  expect(await keys()).toEqual(["event", "mark"]);
  await node.shell.advance(86_400_000);
  expect(await keys()).toEqual(["mark"]);
});

describe("a gap", () => {
  test("is filled from the ring and from storage, marked historical, and what is gone is named", async () => {
    const { node, broker } = await openOutage();
    await measure(node, 1, 40);
    const heard = await endOutage(node, broker.port);
    await until(async () => sequences(heard).length === 40 && (await outboxOf(node)).inFlight === 0);
    await report(node, 41);
    await until(async () => sequences(heard).includes(41) && (await outboxOf(node)).inFlight === 0);
    heard.length = 0;
    expect(await node.shell.deliver("resend", { topic: "telemetry", from: 3, to: 44 })).toEqual({
      sent: 39,
      missing: [[42, 44]],
      next: null,
    });
    await until(() => sequences(heard).length === 39);
    expect(sequences(heard)).toEqual(range(3, 41));
    expect(readings(heard).every(({ historical }) => historical)).toBe(true);
  });

  test("that is long is filled in parts, and bad requests are refused in words", async () => {
    const { node } = await openOutage();
    await measure(node, 1, 80);
    expect(await node.shell.deliver("resend", { topic: "telemetry", from: 1, to: 80 })).toMatchObject({ next: 65 });
    expect(await node.shell.deliver("resend", { topic: "telemetry", from: 9_000, to: 9_001 })).toEqual({
      sent: 0,
      missing: [[9_000, 9_001]],
      next: null,
    });
    for (const bad of [null, {}, { topic: "state", from: 1, to: 2 }, { topic: "event", from: 0, to: 2 }])
      expect(await node.shell.deliver("resend", bad)).toHaveProperty("error");
    expect(await node.shell.deliver("resend", { topic: "event", from: 5, to: 4 })).toMatchObject({
      error: expect.stringContaining("from 5 on"),
    });
  });
});
