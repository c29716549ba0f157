// Is every change of the journal begun and over, in a chain that shows what was altered, whenever the power fails? Its service on the real
// storage service and the reference flash.

import { createHash, randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { JournalStatus, Reversal } from "services/api/journal";
import type { Settings } from "services/api/settings";
import { findBootRecord } from "services/journal/boot-sectors";
import journal from "services/journal/service";
import { ServiceShell } from "tests/service-shell";
import { StoragePeer } from "tests/storage-peer";
import { hashJournalRecord, type JournalRecord } from "wire/journal";
import { sha256 } from "wire/sha256";

const priority = { service: "scheduler", module: "services/scheduler/priority" };
const roundRobin = { service: "scheduler", module: "services/scheduler/round-robin" };

class Bench {
  readonly storage = new StoragePeer({ service: "journal", prefix: "journal/" });
  /** What the journal itself programs fails. */
  flashFails = false;
  shell = this.#start();

  #start(): ServiceShell {
    return new ServiceShell(journal, {
      utcMicros: 1_800_000_000_000_000,
      peers: { storage: this.storage.peer, flash: (type, message) => this.#flash(type, message) },
    });
  }

  #flash(type: string, message: unknown): unknown {
    return this.flashFails && type === "program" ? { error: "failed" } : this.storage.flashPeer(type, message);
  }

  async reboot(): Promise<void> {
    await this.storage.cutPower();
    this.shell = this.#start();
    await this.shell.advance(0);
  }

  async begin(settings: Settings, undoes: number | null = null): Promise<{ entry: number; error?: string }> {
    const former = (await this.status()).settings;
    const reverse = Object.fromEntries(
      Object.keys(settings).map((name) => [name, former[name as keyof Settings] ?? null]),
    );
    return (await this.shell.deliver("begin", {
      order: { operation: "configure", argument: { ...settings } },
      reverse: { operation: "configure", argument: reverse },
      by: "a test",
      undoes,
    })) as { entry: number; error?: string };
  }

  /** Begins it. */
  async swap(move: object, former: object): Promise<{ entry: number }> {
    const swapTo = (each: object): object => ({ operation: "swap", argument: { moves: [each] } });
    const change = { order: swapTo(move), reverse: swapTo(former), by: "a test", undoes: null };
    return (await this.shell.deliver("begin", change)) as { entry: number };
  }

  async make(settings: Settings, undoes: number | null = null): Promise<number> {
    const { entry } = await this.begin(settings, undoes);
    expect(await this.shell.deliver("commit", { entry, settings })).toEqual({});
    return entry;
  }

  async status(): Promise<JournalStatus> {
    return (await this.shell.deliver("status")) as JournalStatus;
  }

  async reverse(entry: number | null): Promise<Reversal & { error?: string }> {
    return (await this.shell.deliver("reverse", { entry })) as Reversal & { error?: string };
  }

  async records(): Promise<JournalRecord[]> {
    const all: JournalRecord[] = [];
    for (let isComplete = false; !isComplete; ) {
      const page = (await this.shell.deliver("records", { after: all.at(-1)?.number ?? 0 })) as {
        records: JournalRecord[];
        isComplete: boolean;
      };
      all.push(...page.records);
      isComplete = page.isComplete;
    }
    return all;
  }
}

test("sha256() answers what OpenSSL answers, for every length around the edges of a block", () => {
  for (const length of [0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 1_000]) {
    const bytes = new Uint8Array(randomBytes(length));
    expect(Buffer.from(sha256(bytes)).toString("hex")).toBe(createHash("sha256").update(bytes).digest("hex"));
  }
});

describe("a change", () => {
  test("is begun and committed, published, and there after a power cut", async () => {
    const bench = new Bench();
    await bench.make({ reportSeconds: 3 });
    expect(bench.shell.published.at(-1)).toEqual({ topic: "settings", message: { reportSeconds: 3 } });
    await bench.reboot();
    expect((await bench.status()).settings).toEqual({ reportSeconds: 3 });
    expect(bench.shell.published.at(-1)).toEqual({ topic: "settings", message: { reportSeconds: 3 } });
  });

  test("that stands open when the power fails is undone, and its settings never were", async () => {
    const bench = new Bench();
    await bench.begin({ reportSeconds: 3 });
    await bench.reboot();
    expect((await bench.status()).settings).toEqual({});
    expect((await bench.records()).at(-1)).toMatchObject({ kind: "undone", reason: expect.stringContaining("power") });
  });

  test("that stands open when only the service falls goes on", async () => {
    const bench = new Bench();
    const { entry } = await bench.begin({ reportSeconds: 3 });
    bench.shell.restart();
    expect(await bench.shell.deliver("commit", { entry, settings: { reportSeconds: 3 } })).toEqual({});
  });

  test("of components is made once the boot record says so, whatever the journal had written", async () => {
    const bench = new Bench();
    const components = [roundRobin];
    const { entry } = await bench.begin({});
    bench.storage.failsAfterWrites = bench.storage.writes;
    expect(await bench.shell.deliver("commit", { entry, components })).toEqual({});
    bench.storage.failsAfterWrites = Infinity;
    await bench.reboot();
    expect((await bench.records()).at(-1)).toMatchObject({ kind: "committed", entry });
    expect((await findBootRecord(bench.storage.flash))?.record).toMatchObject({ active: components, operation: entry });
  });

  test("of components is not made where the boot record cannot be written, and the one before it counts", async () => {
    const bench = new Bench();
    const { entry } = await bench.begin({});
    bench.flashFails = true;
    expect(await bench.shell.deliver("commit", { entry, components: [roundRobin] })).toHaveProperty("error");
    bench.flashFails = false;
    expect(await bench.shell.deliver("abandon", { entry, reason: "it could not be written" })).toEqual({});
    await bench.reboot();
    expect((await bench.records()).at(-1)).toMatchObject({ kind: "undone", entry });
    expect((await findBootRecord(bench.storage.flash))?.record.active).toEqual([]);
  });

  test("of components that was written down and came to nothing is taken out again, once and for all", async () => {
    const bench = new Bench();
    const { entry } = await bench.swap(roundRobin, priority);
    expect(await bench.shell.deliver("commit", { entry, components: [roundRobin] })).toEqual({});
    for (let time = 0; time < 2; time++)
      expect(await bench.shell.deliver("abandon", { entry, reason: "it fell" })).toEqual({});
    expect((await bench.records()).map(({ kind }) => kind)).toEqual(["begun", "committed", "undone"]);
    expect((await findBootRecord(bench.storage.flash))?.record).toMatchObject({ active: [priority], operation: 0 });
    expect((await bench.reverse(null)).error).toContain("no change to undo");
  });

  test("of components that was taken out when the power failed is undone at the boot", async () => {
    const bench = new Bench();
    const { entry } = await bench.swap(roundRobin, priority);
    await bench.shell.deliver("commit", { entry, components: [roundRobin] });
    bench.storage.failsAfterWrites = bench.storage.writes;
    expect(await bench.shell.deliver("abandon", { entry, reason: "it fell" })).toHaveProperty("error");
    bench.storage.failsAfterWrites = Infinity;
    await bench.reboot();
    expect((await bench.records()).at(-1)).toMatchObject({ kind: "undone", entry });
  });

  test("that a fault has made is begun and committed like any, and can be undone", async () => {
    const bench = new Bench();
    const { entry } = await bench.swap(roundRobin, priority);
    await bench.shell.deliver("commit", { entry, components: [roundRobin] });
    expect(await bench.shell.deliver("settle", roundRobin)).toEqual({});
    expect(await bench.records()).toHaveLength(2);
    expect(await bench.shell.deliver("settle", priority)).toEqual({});
    expect((await findBootRecord(bench.storage.flash))?.record).toMatchObject({ active: [priority], operation: 3 });
    expect((await bench.records()).slice(2)).toMatchObject([
      { kind: "begun", change: { by: "the reincarnation server", order: { argument: { moves: [priority] } } } },
      { kind: "committed", entry: 3 },
    ]);
    expect(await bench.reverse(null)).toMatchObject({ entry: 3, order: { argument: { moves: [roundRobin] } } });
  });

  test("that a fault has made waits for one that is under way", async () => {
    const bench = new Bench();
    const { entry } = await bench.swap(roundRobin, priority);
    await bench.shell.deliver("commit", { entry, components: [roundRobin] });
    await bench.begin({ reportSeconds: 2 });
    expect(await bench.shell.deliver("settle", priority)).toMatchObject({
      error: expect.stringContaining("under way"),
    });
  });

  test("waits for the one before it, but not for ever", async () => {
    const bench = new Bench();
    await bench.begin({ reportSeconds: 3 });
    expect(await bench.begin({ reportSeconds: 2 })).toMatchObject({ error: expect.stringContaining("under way") });
    await bench.shell.advance(121_000);
    expect(await bench.begin({ reportSeconds: 2 })).toMatchObject({ entry: 3 });
  });

  test("that is none, or sets what is no setting, is refused", async () => {
    const bench = new Bench();
    expect(await bench.shell.deliver("begin", { order: 7 })).toHaveProperty("error");
    const { entry } = await bench.begin({});
    expect(await bench.shell.deliver("commit", { entry, settings: { reportSeconds: 99 } })).toHaveProperty("error");
    expect(await bench.shell.deliver("commit", { entry: 77 })).toHaveProperty("error");
  });
});

test("a journal that was formatted begins anew, with numbers above that of the boot record", async () => {
  const bench = new Bench();
  const components = [{ service: "scheduler", module: "services/scheduler/round-robin" }];
  await bench.make({ reportSeconds: 2 });
  const { entry } = await bench.begin({});
  expect(await bench.shell.deliver("commit", { entry, components })).toEqual({});
  await bench.storage.format();
  await bench.shell.deliver("formatted");
  expect(await bench.records()).toEqual([]);
  const order = { operation: "format", argument: { state: "unreadable" } };
  const change = { order, reverse: null, by: "a test", undoes: null };
  expect(await bench.shell.deliver("begin", change)).toEqual({ entry: entry + 1 });
  await bench.shell.deliver("commit", { entry: entry + 1 });
  expect((await bench.reverse(null)).error).toContain("no change to undo");
  expect((await bench.reverse(entry + 1)).error).toContain("nothing takes back");
});

describe("undoing", () => {
  test("goes back by what each change replaced, in their order where they share something", async () => {
    const bench = new Bench();
    const first = await bench.make({ reportSeconds: 2 });
    const second = await bench.make({ reportSeconds: 3 });
    const other = await bench.make({ declaredVolts: 400 });
    expect((await bench.reverse(first)).error).toContain(`change ${second} stands on it`);
    expect(await bench.reverse(null)).toMatchObject({ entry: other, order: { argument: { declaredVolts: null } } });
    expect(await bench.reverse(second)).toMatchObject({ order: { argument: { reportSeconds: 2 } } });
    await bench.make({ reportSeconds: 2 }, second);
    expect((await bench.reverse(second)).error).toContain("undone before");
    expect(await bench.reverse(first)).toMatchObject({ order: { argument: { reportSeconds: null } } });
  });

  test("finds nothing where nothing was made", async () => {
    const bench = new Bench();
    await bench.begin({ reportSeconds: 2 });
    expect((await bench.reverse(null)).error).toContain("no change");
    expect((await bench.reverse(1)).error).toContain("no change 1");
  });
});

describe("the chain", () => {
  test("links each record to the one before, up to the head, and keeps the last 64", async () => {
    const bench = new Bench();
    for (let count = 0; count < 40; count++) await bench.make({ reportSeconds: 1 + (count % 4) });
    const before = await bench.status();
    await bench.reboot();
    const records = await bench.records();
    expect(await bench.status()).toEqual(before);
    expect(records).toHaveLength(64);
    expect(records.at(-1)?.number).toBe(80);
    for (const [index, record] of records.slice(1).entries())
      expect(record.previous).toEqual(hashJournalRecord(records[index] as JournalRecord));
  });
});

test("a node whose storage does not answer changes nothing, and says why", async () => {
  const bench = new Bench();
  bench.storage.answer = "dead";
  expect(await bench.begin({ reportSeconds: 2 })).toMatchObject({
    error: expect.stringContaining("storage answers dead"),
  });
  bench.storage.answer = null;
  expect(await bench.begin({ reportSeconds: 2 })).toMatchObject({ entry: 1 });
});
