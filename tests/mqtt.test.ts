// Does the mqtt service keep what it promises at a real broker: births and deaths, and QoS 1 across outages and its own
// faults?

import { afterEach, describe, expect, test } from "@jest/globals";
import {
  closeAll,
  openBroker,
  openListener,
  openNode,
  outboxOf,
  publish,
  textOf,
  until,
  untilConnected,
  utcMicros,
} from "tests/mqtt-node";
import { decodeBirth, decodeDeath } from "wire/birth";

afterEach(closeAll);

describe("birth and death", () => {
  test("a birth comes first, describes the node, and is retained for those who come late", async () => {
    const broker = await openBroker();
    const early = await openListener(broker, "lugh/1/toledo/node-1/#");
    const node = await openNode(broker.port);
    await publish(node, "telemetry", "reading");
    await until(() => early.heard.length === 2);
    expect(early.heard.map(({ topic }) => topic)).toEqual([
      "lugh/1/toledo/node-1/birth",
      "lugh/1/toledo/node-1/telemetry",
    ]);
    const late = await openListener(broker, "lugh/1/+/+/birth");
    await until(() => late.heard.length === 1);
    expect(late.heard[0]?.isRetained).toBe(true);
    const birth = decodeBirth(late.heard[0]?.payload as Uint8Array);
    expect(birth).toEqual({
      session: await untilConnected(node),
      site: "toledo",
      node: "node-1",
      model: "simulated",
      firmware: "0.1.0",
      engine: "XS 13.3.0",
      timeMicros: utcMicros + 1_000_000,
      services: [{ name: "mqtt", version: "1.0.0" }],
      metrics: [
        { name: "u1", unit: "V" },
        { name: "u2", unit: "V" },
        { name: "u3", unit: "V" },
        { name: "f", unit: "Hz" },
      ],
      declaredVolts: 25_981,
      insecureCommands: true,
    });
    expect(birth.session).toBeGreaterThanOrEqual(Math.floor(utcMicros / 1e6));
  });

  test("a node that is cut off dies with the session of its birth, and its next session is larger", async () => {
    const broker = await openBroker();
    const node = await openNode(broker.port);
    const first = await untilConnected(node);
    node.port.cut();
    const listener = await openListener(broker, "lugh/1/+/+/death");
    await until(() => listener.heard.length > 0);
    expect(decodeDeath(listener.heard[0]?.payload as Uint8Array)).toEqual({ session: first });
    await until(async () => (await outboxOf(node)).session === null);
    await node.shell.advance(2_000);
    expect(await untilConnected(node)).toBeGreaterThan(first);
  });

  test("the session grows across a fault of the service, in the same second too", async () => {
    const broker = await openBroker();
    const node = await openNode(broker.port);
    const first = await untilConnected(node);
    node.shell.restart();
    await node.shell.advance(0);
    expect(await untilConnected(node)).toBeGreaterThan(first);
  });

  test("command is told of each session, so that it can publish the state of the node", async () => {
    const broker = await openBroker();
    const node = await openNode(broker.port);
    const session = await untilConnected(node);
    expect(node.shell.take("command", "connected").map(({ message }) => message)).toEqual([{ session }]);
  });
});

describe("QoS 1", () => {
  test("what is published while the broker is away arrives after it is back, in order", async () => {
    const broker = await openBroker();
    const node = await openNode(broker.port);
    await untilConnected(node);
    await broker.close();
    await until(async () => (await outboxOf(node)).session === null);
    for (let count = 0; count < 20; count++) expect(await publish(node, "telemetry", `reading ${count}`)).toBe(true);
    expect((await outboxOf(node)).queued).toBe(20);
    const again = await openBroker(broker.port);
    const listener = await openListener(again, "lugh/1/+/+/telemetry");
    await node.shell.advance(5_000);
    await until(() => listener.heard.length === 20);
    expect(listener.heard.map(textOf)).toEqual(Array.from({ length: 20 }, (_, count) => `reading ${count}`));
    await until(async () => (await outboxOf(node)).inFlight === 0);
  });

  test("an event overtakes readings that waited before it", async () => {
    const broker = await openBroker();
    const node = await openNode(broker.port);
    await untilConnected(node);
    await broker.close();
    await until(async () => (await outboxOf(node)).session === null);
    await publish(node, "telemetry", "reading");
    await publish(node, "event", "collapse");
    const again = await openBroker(broker.port);
    const listener = await openListener(again, "lugh/1/toledo/node-1/+");
    await node.shell.advance(5_000);
    await until(() => listener.heard.length === 3);
    expect(listener.heard.slice(1).map(textOf)).toEqual(["collapse", "reading"]);
  });

  test("what was not acknowledged survives a fault of the service", async () => {
    const broker = await openBroker();
    const node = await openNode(broker.port);
    await untilConnected(node);
    await broker.close();
    await until(async () => (await outboxOf(node)).session === null);
    await publish(node, "telemetry", "reading");
    await publish(node, "event", "collapse");
    node.shell.restart();
    expect(node.shell.logged.at(-1)).toBe("warning: goes on after a fault with 2 unacknowledged publications");
    const again = await openBroker(broker.port);
    const listener = await openListener(again, "lugh/1/+/+/+");
    await node.shell.advance(0);
    await until(() => listener.heard.length >= 3);
    expect(listener.heard.slice(1).map(textOf)).toEqual(["collapse", "reading"]);
  });

  test("what was acknowledged is not published again after a fault", async () => {
    const broker = await openBroker();
    const listener = await openListener(broker, "lugh/1/+/+/event");
    const node = await openNode(broker.port);
    await untilConnected(node);
    await publish(node, "event", "collapse");
    await until(async () => listener.heard.length === 1 && (await outboxOf(node)).inFlight === 0);
    await node.shell.advance(1_000);
    node.shell.restart();
    expect(node.shell.logged.at(-1)).toBe("warning: goes on after a fault with 0 unacknowledged publications");
  });
});
