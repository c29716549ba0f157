// Does a node do what it is asked, refuse what it must, and survive what it is told?

import { describe, expect, test } from "@jest/globals";
import type { Publication } from "services/api/publication";
import command from "services/command/service";
import { refusal, type Sent, ServiceShell, type ShellOptions } from "tests/service-shell";
import { encode } from "wire/cbor";
import { decodeReply, encodeCommand, type Reply } from "wire/command";
import { decodeFault } from "wire/fault";
import { decodeLog } from "wire/log";
import { decodeState } from "wire/state";

const sensor = {
  name: "sensor",
  module: "services/sensor/service",
  state: "running",
  version: "1.0.0",
  generation: 2,
  restarts: 1,
  lastFault: "threw: TypeError: no",
  dispatches: 50,
  steps: 12_000,
  runMicros: 900,
  bytes: 9_000,
  queued: 0,
  refused: 0,
  replaced: 0,
};
const report = {
  sequence: 3,
  timeMicros: 1_000,
  timeQualityMicros: null,
  service: "sensor",
  version: "1.0.0",
  generation: 2,
  kind: "threw",
  reason: "TypeError: no",
  messageType: "block",
  bytes: 9_000,
  memoryBytes: 65_536,
  steps: 120,
  budgetSteps: 1_000,
  isReplaced: false,
  isEarlier: false,
  trace: null,
};
const statistics = { uptimeMicros: 60_000_000, scheduler: "priority", services: [sensor] };
const outbox = { session: 7, poweredSeconds: 31_557_600, queued: 1, inFlight: 2, stored: 5, dropped: 3 };
/** Ten sectors written 1,000 times, of the 100,000 that they take, in one year. */
const storage = { state: "ready", reason: "", sectors: 10, sectorsWritten: 10_000 };
const head = "ab".repeat(32);
/** A journal that takes every change, the first of which has number 1. */
const journalAnswers: { readonly [type: string]: object } = {
  status: { records: 2, head, settings: {}, trouble: "" },
  begin: { entry: 1 },
  commit: {},
  abandon: {},
};
const utcMicros = Date.UTC(2025, 3, 28, 10, 32) * 1000;

interface Node {
  readonly shell: ServiceShell;
  readonly faults: unknown[];
  ask(operation: string, argument?: unknown, requestId?: string): Promise<Reply | undefined>;
}

function openNode(options: { isInsecure?: boolean; isSafeMode?: boolean; peers?: ShellOptions["peers"] } = {}): Node {
  const faults: unknown[] = [];
  const shell = new ServiceShell(command, {
    utcMicros,
    configuration: { insecureCommands: options.isInsecure ?? false, isSafeMode: options.isSafeMode ?? false },
    peers: {
      kernel: (type) => (type === "statistics" ? statistics : { error: "unexpected" }),
      mqtt: (type) => (type === "outbox" ? outbox : "sent"),
      storage: () => storage,
      journal: (type) => journalAnswers[type],
      simulator(_type, order) {
        faults.push(order);
        return null;
      },
      ...options.peers,
    },
  });
  let asked = 0;
  return {
    shell,
    faults,
    async ask(operation, argument, requestId = `request-${++asked}`) {
      const request = { requestId, operation, ...(argument === undefined ? {} : { argument: argument as never }) };
      await shell.deliver("command", { payload: encodeCommand(request) });
      return takeReply(shell);
    },
  };
}

function takeReply(shell: ServiceShell): Reply | undefined {
  const [sent] = shell.take("mqtt", "publish");
  if (sent === undefined) return undefined;
  const publication = sent.message as { topic: string; payload: Uint8Array; qos: number; retain: boolean };
  expect(publication).toMatchObject({ topic: "reply", qos: 1, retain: false });
  return decodeReply(publication.payload);
}

describe("operations", () => {
  test("ping answers with the node's clock and uptime", async () => {
    const { shell, ask } = openNode();
    await shell.advance(5);
    expect(await ask("ping", undefined, "a")).toEqual({
      requestId: "a",
      ok: true,
      result: { timeMicros: utcMicros + 5_000, uptimeMicros: 5_000 },
    });
  });

  test("ps answers with the kernel's figures and those of commands", async () => {
    const { ask } = openNode();
    await ask("dance");
    await ask("dance");
    const reply = await ask("ps");
    expect(reply).toMatchObject({
      ok: true,
      result: { ...statistics, isSafeMode: false, command: { refused: { "unknown-operation": 2 }, droppedLines: 0 } },
    });
  });

  test("fault reaches the simulator when insecure commands were allowed", async () => {
    const { ask, faults } = openNode({ isInsecure: true });
    expect(await ask("fault", { service: "sensor", kind: "spin" })).toMatchObject({ ok: true, result: null });
    expect(faults).toEqual([{ service: "sensor", kind: "spin" }]);
  });

  test("fault is refused, and names the option, when they were not", async () => {
    const { ask, faults } = openNode();
    const reply = await ask("fault", { service: "sensor", kind: "spin" });
    expect(reply).toMatchObject({
      ok: false,
      code: "not-permitted",
      message: expect.stringContaining("--insecure-commands"),
    });
    expect(faults).toEqual([]);
  });

  test("image, which shows all that the node keeps, is refused as well", async () => {
    expect(await openNode().ask("image", { address: 0 })).toMatchObject({ ok: false, code: "not-permitted" });
  });

  test("fault is done once though the request comes twice, and answered twice", async () => {
    const { ask, faults } = openNode({ isInsecure: true });
    const first = await ask("fault", { service: "sensor", kind: "kill" }, "same");
    const second = await ask("fault", { service: "sensor", kind: "kill" }, "same");
    expect(second).toEqual(first);
    expect(faults).toHaveLength(1);
  });

  test("fault of the service itself is answered first, as there is nobody to answer later", async () => {
    const { ask } = openNode({ isInsecure: true, peers: { simulator: () => new Promise(() => undefined) } });
    expect(await ask("fault", { service: "command", kind: "kill" })).toMatchObject({ ok: true, result: null });
  });

  test.each([
    ["a service that is no text", { service: 7, kind: "spin" }, "wanted a text"],
    [
      "a kind that does not exist",
      { service: "sensor", kind: "explode" },
      "wanted one of throw, spin, memory, stack, kill",
    ],
    ["no argument", undefined, "wanted a map"],
  ])("fault with %s is refused as a bad argument", async (_title, argument, message) => {
    const { ask, faults } = openNode({ isInsecure: true });
    expect(await ask("fault", argument)).toMatchObject({
      ok: false,
      code: "bad-argument",
      message: expect.stringContaining(message),
    });
    expect(faults).toEqual([]);
  });

  test("what the simulator says against a fault reaches the operator", async () => {
    const { ask } = openNode({
      isInsecure: true,
      peers: { simulator: () => ({ error: "Cannot fault: no service sensr" }) },
    });
    const reply = await ask("fault", { service: "sensr", kind: "spin" });
    expect(reply).toMatchObject({ ok: false, code: "refused", message: "Cannot fault: no service sensr" });
  });

  test("a refused call is answered with its answer as code", async () => {
    const { ask } = openNode({
      peers: {
        kernel: () => {
          throw refusal("late");
        },
      },
    });
    expect(await ask("ps")).toMatchObject({ ok: false, code: "late" });
  });

  test.each(["dance", "constructor", "__proto__", ""])(
    "operation %p is unknown, and the answer lists those that exist",
    async (name) => {
      const { ask } = openNode({ isInsecure: true });
      expect(await ask(name)).toMatchObject({
        ok: false,
        code: "unknown-operation",
        message: expect.stringContaining("ping, ps, trace, faults"),
      });
    },
  );
});

describe("bad commands", () => {
  test("garbage is counted, told once and not answered", async () => {
    const { shell, ask } = openNode();
    for (const payload of [[], [0xff], [0x9f, 1], [0x80], Array.from({ length: 300 }, () => 0x81)])
      await shell.deliver("command", { payload: Uint8Array.from(payload) });
    expect(shell.take("mqtt", "publish")).toEqual([]);
    expect(shell.logged.filter((line) => line.startsWith("warning"))).toHaveLength(1);
    expect(await ask("ps")).toMatchObject({ result: { command: { refused: { "bad-command": 5 } } } });
  });

  test("a command without an operation is answered, as its id can be read", async () => {
    const { shell } = openNode();
    await shell.deliver("command", { payload: encode({ requestId: "x" }) });
    expect(takeReply(shell)).toMatchObject({ requestId: "x", ok: false, code: "bad-command" });
  });

  test("a thousand mutations of a command never fault the service", async () => {
    const { shell, ask } = openNode({ isInsecure: true });
    const right = encodeCommand({
      requestId: "request",
      operation: "fault",
      argument: { service: "sensor", kind: "spin" },
    });
    let state = 1;
    const next = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let round = 0; round < 1000; round++) {
      const payload = right.slice(0, next(4) === 0 ? next(right.length) : right.length);
      for (let count = next(3); count >= 0; count--) payload[next(Math.max(1, payload.length))] = next(256);
      await shell.deliver("command", { payload });
    }
    shell.sent.length = 0;
    expect(await ask("ping")).toMatchObject({ ok: true });
  });
});

function takeStates(shell: ServiceShell): unknown[] {
  const publications = shell.take("mqtt", "publish").map(({ message }) => message as Publication);
  return publications
    .filter(({ topic }) => topic === "state")
    .map((publication) => {
      expect(publication).toMatchObject({ qos: 1, retain: true });
      return decodeState(publication.payload);
    });
}

describe("mending", () => {
  const safely = { isInsecure: true, isSafeMode: true };

  test("swap is begun in the journal, done by the reincarnation server, and answered when it has told its end", async () => {
    const asked: unknown[] = [];
    const moves = [{ service: "sensor", module: "services/sensor/next" }];
    const peers = {
      reincarnation: (type: string, order: unknown) => {
        asked.push([type, order]);
        return { begun: true };
      },
      journal: (type: string, order: unknown) => {
        asked.push([type, order]);
        return journalAnswers[type];
      },
    };
    const { shell, ask } = openNode({ isInsecure: true, peers });
    expect(await ask("swap", { moves }, "a")).toBeUndefined();
    const order = { operation: "swap", argument: { moves } };
    const reverse = { operation: "swap", argument: { moves: [{ service: "sensor", module: sensor.module }] } };
    expect(asked).toEqual([
      ["begin", { order, reverse, by: "an unsigned command", undoes: null }],
      ["update", { moves, entry: 1 }],
    ]);
    const end = { moves, outcome: "confirmed", reason: "", handled: 0, steps: { totalMicros: 9 } };
    await shell.deliver("swapped", end);
    expect(takeReply(shell)).toEqual({ requestId: "a", ok: true, result: { ...end, entry: 1 } });
  });

  test("a swap that returned is answered so, and one that was refused is abandoned in the journal", async () => {
    const ends: unknown[] = [];
    let reply: object = { begun: true };
    const peers = {
      reincarnation: () => reply,
      journal: (type: string, order: unknown) => {
        if (type === "commit" || type === "abandon") ends.push([type, order]);
        return journalAnswers[type];
      },
    };
    const { shell, ask } = openNode({ isInsecure: true, peers });
    const moves = [{ service: "sensor", module: "services/sensor/next" }];
    await ask("swap", { moves });
    await shell.deliver("swapped", { moves, outcome: "returned", reason: "it threw", handled: 0, steps: {} });
    expect(takeReply(shell)).toMatchObject({ ok: true, result: { outcome: "returned" } });
    reply = { error: "not now" };
    expect(await ask("swap", { moves })).toMatchObject({ ok: false, message: "not now" });
    expect(ends).toEqual([["abandon", { entry: 1, reason: "not now" }]]);
  });

  test("a swap of this very service is answered by its successor", async () => {
    const peers = {
      reincarnation: () => ({ begun: true }),
      kernel: () => ({ ...statistics, services: [{ ...sensor, name: "command" }] }),
    };
    const { shell, ask } = openNode({ isInsecure: true, peers });
    const moves = [{ service: "command", module: "services/command/next" }];
    await ask("swap", { moves }, "a");
    shell.committed = command.suspend?.();
    shell.restart();
    await shell.deliver("swapped", { moves, outcome: "confirmed", reason: "", handled: 0, steps: {} });
    expect(takeReply(shell)).toMatchObject({ requestId: "a", ok: true, result: { outcome: "confirmed" } });
  });

  test.each([
    ["swap", { moves: [{ service: "sensor", module: "x" }] }],
    ["restart", { service: "sensor" }],
    ["faults", undefined],
  ])("%s is answered clearly by a node in safe mode", async (operation, argument) => {
    const { ask } = openNode(safely);
    expect(await ask(operation, argument)).toMatchObject({
      ok: false,
      code: "safe-mode",
      message: expect.stringContaining("lugh reboot"),
    });
    expect(await ask("ps")).toMatchObject({ ok: true, result: { isSafeMode: true } });
  });

  test.each([
    [undefined, false],
    [{ isSafe: true }, true],
  ])("reboot (%p) is answered, and happens a second later", async (argument, isSafe) => {
    const reboots: unknown[] = [];
    const kernel = (type: string, order: unknown) => void reboots.push([type, order]);
    const { shell, ask } = openNode({ isInsecure: true, peers: { kernel } });
    expect(await ask("reboot", argument)).toMatchObject({ ok: true, result: { isSafe } });
    expect(reboots).toEqual([]);
    await shell.advance(1_000);
    expect(reboots).toEqual([["reboot", { reason: "an operator's command", isSafe }]]);
  });

  test.each(["foreign-format", "newer-format", "unreadable"])(
    "a node whose storage is %s goes into safe mode, once, and says why",
    async (state) => {
      const reboots: unknown[] = [];
      const peers = {
        kernel: (type: string, order: unknown) => (type === "reboot" ? void reboots.push(order) : statistics),
        storage: () => ({ ...storage, state, reason: "it is strange" }),
      };
      const { shell } = openNode({ peers });
      await shell.advance(60_000);
      expect(reboots).toEqual([{ reason: `storage is ${state}: it is strange`, isSafe: true }]);
      const safe = openNode({ isSafeMode: true, peers });
      await safe.shell.advance(60_000);
      expect(reboots).toHaveLength(1);
    },
  );

  test("a storage that does not answer, or has no flash, sends no node into safe mode; it is asked again", async () => {
    const reboots: unknown[] = [];
    let status: object = { error: "failed", message: "the flash failed" };
    const kernel = (type: string, order: unknown) => (type === "reboot" ? void reboots.push(order) : statistics);
    const { shell } = openNode({ peers: { kernel, storage: () => status } });
    await shell.advance(30_000);
    expect(takeStates(shell)[0]).toMatchObject({ storage: { state: "failed", reason: "the flash failed" } });
    expect(reboots).toEqual([]);
    status = { ...storage, state: "unreadable", reason: "now it can be seen" };
    await shell.advance(5_000);
    expect(reboots).toHaveLength(1);
    const bare = openNode({ peers: { kernel, storage: () => ({ ...storage, state: "no-flash" }) } });
    await bare.shell.advance(60_000);
    expect(reboots).toHaveLength(1);
  });

  test("format erases in safe mode only, tells who keeps things there, and is written down", async () => {
    const asked: unknown[][] = [];
    const noted =
      (channel: string, answer: (type: string) => unknown) =>
      (type: string, order: unknown): unknown => {
        asked.push([channel, type, order]);
        return answer(type);
      };
    const peers = {
      storage: noted("storage", (type) => (type === "status" ? { ...storage, state: "unreadable" } : {})),
      mqtt: noted("mqtt", (type) => (type === "outbox" ? outbox : {})),
      journal: noted("journal", (type) => journalAnswers[type]),
    };
    expect(await openNode({ isInsecure: true, peers }).ask("format")).toMatchObject({
      ok: false,
      message: expect.stringContaining("not in safe mode"),
    });
    expect(asked.filter(([channel]) => channel === "storage")).toEqual([]);
    asked.length = 0;
    expect(await openNode({ ...safely, peers }).ask("format")).toMatchObject({
      ok: true,
      result: { was: "unreadable" },
    });
    const argument = { state: "unreadable", reason: "", head };
    const change = { order: { operation: "format", argument }, reverse: null, by: "an unsigned command", undoes: null };
    expect(asked.slice(2, 7)).toEqual([
      ["storage", "format", {}],
      ["mqtt", "formatted", undefined],
      ["journal", "formatted", undefined],
      ["journal", "begin", change],
      ["journal", "commit", { entry: 1 }],
    ]);
  });

  test("restart hands a service to the reincarnation server, and says what it answers", async () => {
    const reincarnation = () => ({ error: "it is running" });
    const { ask } = openNode({ isInsecure: true, peers: { reincarnation } });
    expect(await ask("restart", { service: "sensor" })).toMatchObject({ ok: false, message: "it is running" });
  });

  test("faults answers with the reports that are kept, or with one of them", async () => {
    const reincarnation = (_type: string, { sequence }: { sequence: number | null }) =>
      sequence === null ? [report] : sequence === 3 ? report : null;
    const { ask } = openNode({ peers: { reincarnation } });
    expect(await ask("faults")).toMatchObject({ ok: true, result: [report] });
    expect(await ask("faults", { sequence: 3 })).toMatchObject({ ok: true, result: report });
    expect(await ask("faults", { sequence: 4 })).toMatchObject({ ok: false, code: "unknown-fault" });
  });

  test("a fault goes out at HIGH, acknowledged", async () => {
    const { shell } = openNode();
    await shell.deliver("fault", report);
    const sent = shell.take("mqtt", "publish")[0] as Sent;
    expect(sent.options).toEqual({ priority: "HIGH" });
    const publication = sent.message as { topic: string; payload: Uint8Array; qos: number };
    expect(publication).toMatchObject({ topic: "fault", qos: 1 });
    expect(decodeFault(publication.payload)).toEqual(report);
  });
});

describe("state", () => {
  test("is published every ten seconds, with the session it belongs to", async () => {
    const { shell } = openNode();
    await shell.advance(30_000);
    const states = takeStates(shell);
    expect(states).toHaveLength(3);
    const { module: _module, steps: _steps, ...service } = sensor;
    const { session, poweredSeconds: _, ...waiting } = outbox;
    expect(states[0]).toEqual({
      session,
      timeMicros: utcMicros + 10_000_000,
      uptimeMicros: 60_000_000,
      scheduler: "priority",
      services: [service],
      outbox: waiting,
      storage: { state: "ready", reason: "", flashLifetimeYears: 100 },
      journal: { records: 2, head },
      boot: { state: "blank", reason: "" },
    });
  });

  test("is published as soon as a session begins", async () => {
    const { shell } = openNode();
    await shell.deliver("connected");
    expect(takeStates(shell)).toHaveLength(1);
  });

  test("is published at a fault and a second later, and a burst of faults does not multiply it", async () => {
    const { shell } = openNode();
    expect(shell.subscriptions.get("fault")).toBe("fault");
    for (let count = 0; count < 20; count++) await shell.deliver("fault", report);
    await shell.advance(1_000);
    expect(takeStates(shell)).toHaveLength(2);
  });

  test("is not published without a session, nor while mqtt is dead", async () => {
    let answer: () => unknown = () => ({ ...outbox, session: null });
    const { shell } = openNode({ peers: { mqtt: (type) => (type === "outbox" ? answer() : "sent") } });
    await shell.advance(10_000);
    answer = () => {
      throw refusal("dead");
    };
    await shell.advance(10_000);
    expect(takeStates(shell)).toEqual([]);
  });
});

describe("log", () => {
  const line = { timeMicros: utcMicros, level: "error", service: "sensor", text: "TypeError: no" };

  test("lines go out at LOW and unacknowledged", async () => {
    const { shell } = openNode();
    await shell.deliver(shell.subscriptions.get("log") as string, line);
    const sent = shell.take("mqtt", "publish")[0] as Sent;
    expect(sent.options).toEqual({ priority: "LOW" });
    const publication = sent.message as { topic: string; payload: Uint8Array; qos: number };
    expect(publication).toMatchObject({ topic: "log", qos: 0 });
    expect(decodeLog(publication.payload)).toEqual(line);
  });

  test("lines that find no room are dropped and counted", async () => {
    let answer = "full";
    const { shell, ask } = openNode({ peers: { mqtt: () => answer } });
    for (let count = 0; count < 3; count++) await shell.deliver("log", line);
    answer = "sent";
    shell.sent.length = 0;
    expect(await ask("ps")).toMatchObject({ result: { command: { droppedLines: 3 } } });
  });

  test("a line too long for the wire is cut, never inside a character", async () => {
    const { shell } = openNode();
    await shell.deliver("log", { ...line, text: `${"x".repeat(1023)}\u{1f525}${"y".repeat(1000)}` });
    const sent = shell.take("mqtt", "publish")[0] as Sent;
    expect(decodeLog((sent.message as { payload: Uint8Array }).payload).text).toBe("x".repeat(1023));
  });
});
