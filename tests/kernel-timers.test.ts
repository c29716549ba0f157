// Do timers tick when they should, count what they could not deliver, and share the seconds of a fleet?

import { describe, expect, test } from "@jest/globals";
import { call, type TestNode, talker, to, useNodes } from "tests/kernel-node";

const boot = useNodes();

const every = (millis: number, type = "tick"): { verb: string; millis: number; type: string } => ({
  verb: "every",
  millis,
  type,
});
const once = (millis: number, type = "tick"): { verb: string; millis: number; type: string } => ({
  verb: "after",
  millis,
  type,
});

interface Ticked {
  readonly missed: number;
  readonly micros: number;
  readonly utcMicros: number;
}

function ticks(node: TestNode): Ticked[] {
  return node.bodies("ticked") as Ticked[];
}

/** 12:32:00.25 on the day of the collapse: a quarter of a second off the grid. */
const utcMicros = Date.UTC(2025, 3, 28, 10, 32, 0, 250) * 1000;

describe("every()", () => {
  test("ticks each interval from now on", async () => {
    const node = await boot([talker("a")]);
    await node.pass(3);
    await node.perform("a", every(10));
    await node.pass(35);
    expect(ticks(node).map(({ micros }) => micros)).toEqual([13_000, 23_000, 33_000]);
  });

  test("ticks at fractions of a millisecond above one, and refuses less than one", async () => {
    const node = await boot([talker("a")]);
    await node.perform("a", every(1.5));
    await node.pass(4.5);
    expect(ticks(node).map(({ micros }) => micros)).toEqual([1_500, 3_000, 4_500]);
    for (const millis of [0.999, 0, -5, Number.NaN, Number.POSITIVE_INFINITY, 1e13])
      await node.perform("a", every(millis));
    expect(node.logs.filter((line) => line.startsWith("error: a faulted: threw"))).toHaveLength(6);
  });

  test("of a service that is busy waits as one tick, which counts those that it stands for", async () => {
    const node = await boot([talker("a")]);
    await node.perform("a", every(10));
    await node.pass(10);
    await node.tell("a", "do", [call("probe", "hold")]);
    await node.pass(45);
    expect(ticks(node)).toMatchObject([{ missed: 0 }]);
    await node.reply();
    expect(ticks(node)).toMatchObject([{ missed: 3, micros: 55_000 }]);
    await node.pass(5);
    expect(ticks(node)).toMatchObject([{ missed: 0, micros: 60_000 }]);
  });

  test("takes no place in the mailbox, and needs none", async () => {
    const node = await boot([talker("a", { mailbox: 1 })]);
    await node.perform("a", every(10));
    await node.tell("a", "note", 1);
    await node.pass(10);
    expect(ticks(node)).toHaveLength(1);
    expect(node.heard("noted")).toHaveLength(1);
  });

  test("beyond sixteen timers of a service is its fault, and a timer that has ended makes room", async () => {
    const node = await boot([talker("a"), talker("b")]);
    const sixteen = Array.from({ length: 16 }, () => once(5));
    expect(await node.perform("a", ...sixteen)).toHaveLength(16);
    await node.perform("a", once(5));
    expect(node.logs).toContainEqual(expect.stringContaining("Cannot start timer: wanted at most 16 at a time"));
    expect(await node.perform("b", ...sixteen)).toHaveLength(16);
    await node.pass(5);
    node.heard();
    expect(await node.perform("b", ...sixteen)).toHaveLength(16);
  });
});

describe("after()", () => {
  test("ticks once, so much later", async () => {
    const node = await boot([talker("a")]);
    await node.perform("a", once(20), once(0), once(7.25));
    await node.pass(100);
    expect(ticks(node)).toEqual([0, 7_250, 20_000].map((micros) => ({ missed: 0, micros, utcMicros: micros })));
    expect((await node.measure()).messages).toBe(0);
  });
});

describe("cancel()", () => {
  test("stops a timer, also one that waits to be delivered", async () => {
    const node = await boot([talker("a")]);
    const [one, other] = (await node.perform("a", every(10), once(15))) as number[];
    await node.tell("a", "do", [
      call("probe", "hold"),
      { verb: "cancel", timer: one },
      { verb: "cancel", timer: other },
    ]);
    await node.pass(30);
    await node.reply();
    await node.pass(100);
    expect(ticks(node)).toEqual([]);
    expect((await node.measure()).messages).toBe(0);
  });

  test("of a timer that is over, of another's and of numbers that are none changes nothing", async () => {
    const node = await boot([talker("a"), talker("b")], { messages: 24 });
    const [stale] = (await node.perform("a", once(1))) as number[];
    await node.pass(1);
    const [running] = (await node.perform("a", every(10))) as number[];
    const numbers = [stale, 0, -1, 0.5, 1e300, -1e300, 2 ** 32, 4_095, 1];
    await node.perform("a", ...numbers.map((timer) => ({ verb: "cancel", timer })));
    await node.perform("b", { verb: "cancel", timer: running });
    node.heard();
    await node.pass(30);
    expect(ticks(node)).toHaveLength(3);
  });

  test("of a stale number leaves the timer that has its handle now, whatever handles were used between", async () => {
    const node = await boot([talker("a")], { messages: 24 });
    const stale: number[] = [];
    for (let round = 0; round < 40; round++) {
      stale.push(...((await node.perform("a", once(0))) as number[]));
      await node.pass(0);
    }
    await node.perform("a", every(10));
    await node.perform("a", ...stale.map((timer) => ({ verb: "cancel", timer })));
    node.heard();
    await node.pass(30);
    expect(ticks(node)).toHaveLength(3);
  });

  test("twice in one message, and in the tick itself, is harmless", async () => {
    const node = await boot([talker("a")]);
    const [timer] = (await node.perform("a", every(10))) as number[];
    await node.perform("a", { verb: "cancel", timer }, { verb: "cancel", timer });
    const [inTick] = (await node.perform("a", once(10, "do"))) as number[];
    expect(inTick).toBeGreaterThan(0);
    await node.pass(50);
    expect((await node.measure()).messages).toBe(0);
  });

  test("of a message that faults is taken back: nothing of it happened", async () => {
    const node = await boot([talker("a"), talker("b")]);
    await node.perform("a", every(10));
    await node.perform("a", { verb: "throw" });
    await node.pass(50);
    expect(ticks(node)).toEqual([]);
    expect((await node.measure()).messages).toBe(0);
  });
});

describe("alignment to UTC", () => {
  const second = 1_000_000;

  test("from one second on holds while the clock is trusted", async () => {
    const node = await boot([talker("a")], { utcMicros, utcQualityMicros: 100 });
    await node.perform("a", every(1000));
    await node.pass(3_000);
    const seconds = ticks(node).map((tick) => tick.utcMicros);
    expect(seconds).toHaveLength(3);
    expect(seconds.map((micros) => micros % second)).toEqual([0, 0, 0]);
  });

  test("is to multiples of the interval itself", async () => {
    const node = await boot([talker("a")], { utcMicros, utcQualityMicros: 100 });
    await node.perform("a", every(10_000));
    await node.pass(20_000);
    expect(ticks(node).map((tick) => tick.utcMicros % (10 * second))).toEqual([0, 0]);
  });

  test("is not for what is shorter, nor while nobody set the clock, nor for after()", async () => {
    const short = await boot([talker("a")], { utcMicros, utcQualityMicros: 100 });
    await short.perform("a", every(999), once(1000));
    await short.pass(1_000);
    expect(ticks(short).map(({ micros }) => micros)).toEqual([999_000, 1_000_000]);
    await short.cutPower();
    const untrusted = await boot([talker("a")], { utcMicros });
    await untrusted.perform("a", every(1000));
    await untrusted.pass(2_000);
    expect(ticks(untrusted).map(({ micros }) => micros)).toEqual([1_000_000, 2_000_000]);
  });

  test("begins with the tick after the clock was set, and follows every step of it", async () => {
    const node = await boot([talker("a")], { utcMicros });
    await node.perform("a", every(1000));
    await node.pass(1_500);
    const { micros: now } = await node.ask({ op: "now" });
    const bootedAt = Number(now) - 1_500_000;
    const setClock = (utc: number): Promise<unknown> =>
      node.ask({ op: "clock", utcMicros: utc - bootedAt, utcQualityMicros: 50 });
    await setClock(utcMicros + 3_600 * second);
    await node.pass(2_000);
    expect(ticks(node).map(({ micros, utcMicros: utc }) => [micros, utc % second])).toEqual([
      [1_000_000, expect.any(Number)],
      [2_000_000, expect.any(Number)],
      [2_750_000, 0],
    ]);
    // Back by an hour and a half second, in the middle of the interval.
    await setClock(utcMicros + 500_000);
    await node.pass(2_000);
    const [former, ...aligned] = ticks(node);
    expect(former?.micros).toBe(3_750_000);
    expect(aligned.map(({ micros, utcMicros: utc }) => [micros, utc % second])).toEqual([
      [4_250_000, 0],
      [5_250_000, 0],
    ]);
  });
});

describe("on a node that is never idle", () => {
  const bootLive = useNodes({ isVirtual: false });

  test("timers come when they are due, not when the turn of a thousand dispatches is over", async () => {
    const node = await bootLive([talker("a"), talker("b", { sends: to(["b"]) })]);
    await node.tell("a", "do", [every(1)]);
    await node.tell("b", "labour", { self: "b", loops: 2_000 });
    let isTick: boolean[] = [];
    // What a turn holds is seen on any machine, if it is given the time to be busy for that long.
    while (isTick.length < 512) {
      await node.pass(50);
      isTick = (await node.trace()).map(({ kind }) => kind === "tick");
    }
    expect(isTick.filter(Boolean).length).toBeGreaterThan(3);
  });
});
