// Do faulted services come back: at once, then with patience, and across a fault of the reincarnation server itself?

import { describe, expect, test } from "@jest/globals";
import { cleanRecord, type FaultRecord, faulted, limits, restarted } from "services/reincarnation/policy";
import reincarnation from "services/reincarnation/service";
import { refusal, ServiceShell, type ShellOptions } from "tests/service-shell";
import { StoragePeer } from "tests/storage-peer";
import type { FaultReport } from "wire/fault";

const second = 1_000_000;

/** A service that falls `lifeMicros` after each start: the moments at which it is started. */
function startsOf(lifeMicros: number, count: number): number[] {
  let record: FaultRecord = cleanRecord;
  let now = 0;
  return Array.from({ length: count }, () => {
    record = faulted(record, now);
    const start = record.dueMicros as number;
    record = restarted(record, start);
    now = start + lifeMicros;
    return start;
  });
}

describe("policy", () => {
  test("faulted() is due at once when the service never fell before", () => {
    expect(faulted(cleanRecord, 7 * second).dueMicros).toBe(7 * second);
  });

  test("never starts a service more than five times in ten seconds, however it falls", () => {
    for (const life of [0, 1, 1_000, 300_000, 1_999_999, 2_000_000, 5 * second]) {
      const starts = startsOf(life, 60);
      for (let index = limits.restarts; index < starts.length; index++)
        expect((starts[index] as number) - (starts[index - limits.restarts] as number)).toBeGreaterThanOrEqual(
          limits.windowMicros,
        );
    }
  });

  test("waits twice as long each time, up to a minute", () => {
    const starts = startsOf(1_000, 16);
    const waits = starts.slice(5).map((start, index) => start - (starts[index + 4] as number) - 1_000);
    expect(waits.slice(1, 6).map((wait) => wait / second)).toEqual([2, 4, 8, 16, 32]);
    expect(waits.slice(6)).toEqual([60, 60, 60, 60, 60].map((wait) => wait * second));
  });

  test("begins anew after a quiet minute", () => {
    let record: FaultRecord = { restartsMicros: [100 * second], waits: 9, dueMicros: null };
    expect(faulted(record, 159 * second).dueMicros).toBe((159 + 60) * second);
    record = faulted(record, 160 * second);
    expect(record).toEqual({ restartsMicros: [], waits: 0, dueMicros: 160 * second });
  });

  test("a second report before the restart changes nothing", () => {
    const waiting: FaultRecord = { restartsMicros: [0, 0, 0, 0, 0], waits: 1, dueMicros: 9 * second };
    expect(faulted(waiting, 5 * second)).toBe(waiting);
  });
});

const fault = (service: string, kind = "threw"): object => ({
  service,
  kind,
  reason: "TypeError: no",
  messageType: "tick",
  generation: 1,
  isReplaced: false,
  version: "1.2.0",
  dispatches: 9,
  steps: 900,
  runMicros: 90,
  bytes: 9_000,
  memoryBytes: 65_536,
  budgetSteps: 1_000,
  refused: 0,
  replaced: 0,
  late: 0,
});

/** As on a node without storage. */
function refuseStorage(): never {
  throw refusal("not-capable");
}

/** A kernel that starts what it is asked to and remembers when. */
function open(options: ShellOptions["peers"] = {}): { shell: ServiceShell; restarts: string[] } {
  const restarts: string[] = [];
  const kernel = (type: string, message: { service: string }): unknown => {
    if (type === "trace") return [];
    if (type === "statistics") return { services: [], isSwapping: false };
    if (type !== "restart") throw new Error(`unexpected ${type}`);
    restarts.push(`${message.service} ${shell.monotonicMicros / 1000}`);
    return { generation: restarts.length + 1 };
  };
  const peers = { kernel, storage: () => refuseStorage(), ...options };
  const shell: ServiceShell = new ServiceShell(reincarnation, { peers });
  return { shell, restarts };
}

/** The module keeps its state between tests, a fresh shell starts it from nothing. */
describe("service", () => {
  test("a fault is logged, published and answered by a restart at once", async () => {
    const { shell, restarts } = open();
    await shell.deliver("fault", fault("sensor"));
    expect(restarts).toEqual(["sensor 0"]);
    const told = { service: "sensor", kind: "threw", version: "1.2.0", bytes: 9_000, sequence: 1, trace: null };
    expect(shell.published).toMatchObject([{ topic: "fault", message: told }]);
    expect(shell.logged).toEqual([
      'error: sensor threw at "tick", generation 1: TypeError: no',
      "info: sensor was started again, generation 2",
    ]);
  });

  test("the sixth fault in a row waits, the neighbour's first does not", async () => {
    const { shell, restarts } = open();
    for (let count = 0; count < 6; count++) await shell.deliver("fault", fault("sensor"));
    await shell.deliver("fault", fault("reporter"));
    expect(restarts).toEqual([...Array.from({ length: 5 }, () => "sensor 0"), "reporter 0"]);
    await shell.advance(9_999);
    expect(restarts).toHaveLength(6);
    await shell.advance(1);
    expect(restarts.at(-1)).toBe("sensor 10000");
  });

  test("goes on with a back-off where it was when it falls itself", async () => {
    const { shell, restarts } = open();
    for (let count = 0; count < 6; count++) await shell.deliver("fault", fault("sensor"));
    await shell.advance(3_000);
    const { shell: reborn, restarts: later } = open({
      kernel: (type, message: { service: string }) => {
        if (type === "statistics")
          return {
            services: [
              { name: "sensor", state: "dead" },
              { name: "mqtt", state: "running" },
            ],
          };
        later.push(`${message.service} ${reborn.monotonicMicros / 1000}`);
        return { generation: 7 };
      },
    });
    reborn.committed = shell.committed;
    reborn.monotonicMicros = shell.monotonicMicros;
    reborn.restart();
    await reborn.advance(20_000);
    expect(restarts).toHaveLength(5);
    expect(later).toEqual(["sensor 10000"]);
  });

  test("starts after its own fall what fell while nobody could report it", async () => {
    const { shell } = open();
    await shell.deliver("fault", fault("sensor"));
    const restarts: string[] = [];
    const { shell: reborn } = open({
      kernel: (type, message: { service: string }) => {
        if (type === "statistics")
          return {
            services: [
              { name: "mqtt", state: "dead" },
              { name: "sensor", state: "running" },
            ],
          };
        restarts.push(message.service);
        return { generation: 2 };
      },
    });
    reborn.committed = shell.committed;
    reborn.restart();
    await reborn.advance(1);
    expect(restarts).toEqual(["mqtt"]);
  });

  test("tries again, later and later, when the kernel refuses a restart", async () => {
    const attempts: number[] = [];
    const { shell } = open({
      kernel: (type) => {
        if (type === "trace") throw refusal("full");
        attempts.push(shell.monotonicMicros / 1000);
        throw refusal("unavailable");
      },
    });
    await shell.deliver("fault", fault("sensor"));
    await shell.advance(60_000);
    expect(attempts.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(attempts.slice(5)).toEqual([10_000, 12_000, 16_000, 24_000, 40_000]);
    expect(shell.logged).toContain("error: Cannot start sensor again: the kernel answered unavailable");
  });

  test("does not ask again when the kernel answers with an error, for a new fault would say so", async () => {
    let attempts = 0;
    const { shell } = open({
      kernel: (type) => {
        if (type === "trace") return [];
        attempts++;
        return { error: 'Cannot restart service "sensor": it is running' };
      },
    });
    await shell.deliver("fault", fault("sensor"));
    await shell.advance(120_000);
    expect(attempts).toBe(1);
    expect(shell.logged.at(-1)).toBe('error: Cannot restart service "sensor": it is running');
  });

  test("a mistake in the call is a fault of its own and not taken for a refusal", async () => {
    const { shell } = open({
      kernel: () => {
        throw new TypeError("not a refusal");
      },
    });
    await expect(shell.deliver("fault", fault("sensor"))).rejects.toThrow("not a refusal");
  });
});

describe("reports", () => {
  const keptBy = (storage: StoragePeer): Parameters<typeof open>[0] => ({ storage: storage.peer });
  const numbers = async (shell: ServiceShell): Promise<[number, boolean][]> =>
    ((await shell.deliver("reports", { sequence: null })) as FaultReport[]).map((each) => [
      each.sequence,
      each.isEarlier,
    ]);
  const newStorage = (): StoragePeer => new StoragePeer({ service: "reincarnation", prefix: "reincarnation/" });

  test("are there after a power cut, marked, and the count goes on behind them", async () => {
    const storage = newStorage();
    const { shell } = open(keptBy(storage));
    await shell.deliver("fault", fault("sensor"));
    await shell.advance(0);
    await shell.deliver("fault", fault("reporter"));
    await shell.advance(10_000);
    await storage.cutPower();
    const { shell: reborn } = open(keptBy(storage));
    expect(await numbers(reborn)).toEqual([
      [1, true],
      [2, true],
    ]);
    await reborn.deliver("fault", fault("mqtt"));
    await reborn.advance(0);
    expect(await numbers(reborn)).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ]);
    expect(await reborn.deliver("reports", { sequence: 2 })).toMatchObject({ service: "reporter", isEarlier: true });
  });

  test("that came before storage answered are counted behind those that it has", async () => {
    const storage = newStorage();
    const { shell } = open(keptBy(storage));
    await shell.deliver("fault", fault("sensor"));
    await shell.advance(0);
    await storage.cutPower();
    storage.answer = "dead";
    const { shell: reborn } = open(keptBy(storage));
    await reborn.deliver("fault", fault("mqtt"));
    await reborn.advance(0);
    expect(await numbers(reborn)).toEqual([[1, false]]);
    storage.answer = null;
    await reborn.advance(10_000);
    expect(await numbers(reborn)).toEqual([
      [1, true],
      [2, false],
    ]);
  });

  test("of a storm take at most eight writes in ten seconds, and the last 32 are kept", async () => {
    const storage = newStorage();
    const { shell } = open(keptBy(storage));
    for (let count = 0; count < 400; count++) {
      await shell.deliver("fault", fault(`service-${count % 7}`));
      await shell.advance(250);
    }
    await shell.advance(10_000);
    expect(storage.writes).toBeLessThanOrEqual(8 * 12);
    const kept = await numbers(shell);
    expect(kept).toHaveLength(32);
    expect(kept.at(-1)).toEqual([400, false]);
  });

  test("that find no room, or are too long, cost nothing but themselves", async () => {
    const storage = newStorage();
    const { shell, restarts } = open(keptBy(storage));
    storage.failsAfterWrites = 0;
    for (let count = 0; count < 4; count++) {
      await shell.deliver("fault", { ...fault("sensor"), reason: "x".repeat(1_000) });
      await shell.advance(10_000);
    }
    expect(restarts).toHaveLength(4);
    expect(shell.logged.filter((line) => line.includes("Cannot store"))).toHaveLength(1);
    storage.failsAfterWrites = Infinity;
    await shell.advance(10_000);
    await storage.cutPower();
    const { shell: reborn } = open(keptBy(storage));
    expect(await numbers(reborn)).toEqual([1, 2, 3, 4].map((number) => [number, true]));
  });
});
