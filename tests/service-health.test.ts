// Do services say that they do not work when that is so, and only then? What cannot be reached from outside is no fault of theirs.

import { afterEach, describe, expect, test } from "@jest/globals";
import journal from "services/journal/service";
import mqtt from "services/mqtt/service";
import reporter from "services/reporter/service";
import { closeAll, openNode } from "tests/mqtt-node";
import { ServiceShell } from "tests/service-shell";
import { StoragePeer } from "tests/storage-peer";

afterEach(closeAll);

const reading = {
  timeMicros: 1_745_836_404_000_000,
  timeQualityMicros: null,
  sequence: 1,
  u1: 230,
  u2: 230,
  u3: null,
  f: 50,
  flagged: false,
};

describe("mqtt", () => {
  /** Nobody listens at port 1. */
  const openAlone = () => openNode(1);

  test("works without a broker, as long as its session was begun and it looks after what waits", async () => {
    const { shell } = await openAlone();
    expect(mqtt.health?.()).toBe(true);
    await shell.advance(30_000);
    expect(mqtt.health?.()).toBe(true);
  });

  test("does not work when its timer was lost", async () => {
    await openAlone();
    expect(mqtt.health?.()).toBe(true);
    expect(mqtt.health?.()).toBe(false);
  });

  test("does not work when nobody began its session", () => {
    const configuration = {
      site: "toledo",
      node: "node-1",
      model: "simulated",
      firmware: "0.1.0",
      engine: "XS 13.3.0",
      declaredVolts: 230,
      services: [],
      insecureCommands: true,
    };
    new ServiceShell(mqtt, { configuration: { ...configuration, brokerHost: "127.0.0.1", brokerPort: 1 } });
    expect(mqtt.health?.()).toBe(false);
  });
});

describe("the reporter", () => {
  function open(): ServiceShell {
    const configuration = { site: "toledo", node: "node-1" };
    const peers = { mqtt: (type: string) => (type === "numbers" ? { telemetry: 1, event: 1 } : { accepted: true }) };
    return new ServiceShell(reporter, { configuration, peers });
  }

  test("works when it was given nothing, and when it makes something of what it is given", async () => {
    const shell = open();
    expect(reporter.health?.()).toBe(true);
    await shell.deliver("reading", { ...reading, u1: "much" });
    await shell.deliver("reading", reading);
    expect(reporter.health?.()).toBe(true);
  });

  test("does not work when it makes nothing of it", async () => {
    await open().deliver("reading", { ...reading, u1: "much" });
    expect(reporter.health?.()).toBe(false);
  });
});

describe("the journal", () => {
  test("does not work before it was opened, and does without storage that answers", async () => {
    const storage = new StoragePeer({ service: "journal", prefix: "journal/" });
    storage.answer = "late";
    const flash = (type: string, message: unknown): unknown => storage.flashPeer(type, message);
    const shell = new ServiceShell(journal, { peers: { storage: storage.peer, flash } });
    expect(journal.health?.()).toBe(false);
    await shell.advance(0);
    expect(journal.health?.()).toBe(true);
    storage.answer = null;
    await shell.advance(5_000);
    expect(journal.health?.()).toBe(true);
  });
});
