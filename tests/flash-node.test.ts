// Does the simulated flash keep the contract when a service of a real node asks for it through kernel and device port?

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { BenchNode } from "sim/bench/node";
import { findArtifacts } from "sim/project";
import { blank, pattern } from "tests/flash-bench";
import { brokenClaims, flashClaims } from "tests/flash-conformance";
import { type FlashOutcome, NodeWithFlash, startFlashWorker } from "tests/flash-node";
import { powerClaims } from "tests/flash-power-claims";

const claims = [...flashClaims, ...powerClaims];
let worker: BenchNode;
let flash: NodeWithFlash;

describe("the flash of a node on the engine", () => {
  let nextNode = 0;

  beforeAll(() => {
    worker = startFlashWorker();
  });

  afterAll(() => worker.stop());

  test.each(claims.map(({ title, run }) => [title, run] as const))(
    "%s",
    (_title, run) => run(() => NodeWithFlash.boot(worker, nextNode++)),
    60_000,
  );
});

test("the claims find a flash on the engine whose sync lies, and one whose sectors wear out at once", async () => {
  for (const faults of [{ syncLies: true }, { wearErases: 1, seed: 3 }]) {
    worker = startFlashWorker(faults);
    let node = 0;
    try {
      expect(await brokenClaims(claims, () => NodeWithFlash.boot(worker, node++))).not.toEqual([]);
    } finally {
      await worker.stop();
    }
  }
}, 120_000);

const bytesOf = ([outcome]: readonly FlashOutcome[]): unknown => outcome?.answer.bytes;

describe("the device port", () => {
  beforeEach(async () => {
    worker = startFlashWorker();
    flash = await NodeWithFlash.boot(worker, 0);
  });

  afterEach(() => worker.stop());

  const page = pattern(256, 1);
  const program = { operation: "program", argument: { address: 0, bytes: page } };
  const erase = { operation: "erase", argument: { sector: 0 } };
  const read = { operation: "read", argument: { address: 0, length: 256 } };

  test("takes as long as a serial NOR chip, one operation after the other", async () => {
    const outcomes = await flash.perform([erase, program, program, read, { operation: "sync" }]);
    const times = outcomes.map(({ micros }) => micros);
    expect(outcomes.map(({ answer }) => Object.keys(answer))).toEqual([[], [], [], ["bytes"], []]);
    expect(times.map((time, index) => time - (times[index - 1] ?? 0))).toEqual([45_000, 700, 700, 30, 20]);
  });

  test("answers full beyond eight operations on the way, and performs these", async () => {
    const outcomes = await flash.perform([...Array.from({ length: 8 }, () => program), erase, read]);
    const refused = outcomes.map(({ answer }) => answer.refused);
    expect(refused).toEqual([...Array.from({ length: 8 }, () => undefined), "full", "full"]);
    // The host itself has read both sectors of the boot record.
    expect(await flash.tell({})).toMatchObject({ programs: 8, erases: 0, reads: 2 });
  });

  test("performs what is late for its caller, in its turn, and takes no more than it holds", async () => {
    const late = { ...erase, deadlineMillis: 1 };
    const outcomes = await flash.perform([program, late, read]);
    expect(outcomes.map(({ answer }) => answer)).toEqual([{}, { refused: "late" }, { bytes: blank(256) }]);
    // Late calls leave the mailbox of the port; the chip still has them to do.
    await worker.send(
      "flasher",
      "do",
      Array.from({ length: 8 }, () => late),
    );
    await flash.advance(10_000);
    for (let count = 0; count < 8; count++)
      expect((await worker.next()).body).toMatchObject({ answer: { refused: "late" } });
    expect((await flash.perform([read]))[0]?.answer).toEqual({ refused: "full" });
    expect(await flash.tell({})).toMatchObject({ erases: 9 });
  });

  test("takes its time in live time too", async () => {
    const live = startFlashWorker({}, { isVirtual: false });
    try {
      await NodeWithFlash.boot(live, 0);
      const micros = async (): Promise<number> => ((await live.next()).body as FlashOutcome).micros;
      await live.send("flasher", "do", [{ operation: "geometry" }]);
      const begin = await micros();
      await live.send("flasher", "do", [erase, program]);
      const erased = await micros();
      const programmed = await micros();
      expect(erased - begin).toBeGreaterThanOrEqual(45_000);
      expect(programmed - erased).toBeGreaterThan(0);
    } finally {
      await live.stop();
    }
  });

  test("drops what is only sent, and knows no other operation", async () => {
    await worker.send("flasher", "tell", program);
    await flash.advance(1_000_000);
    expect((await worker.next()).body).toEqual({ answer: "sent" });
    const [outcome] = await flash.perform([{ operation: "format" }]);
    expect(outcome?.answer).toEqual({ refused: "not-capable" });
    expect(await flash.tell({})).toMatchObject({ programs: 0, operations: 0 });
  });

  test.each([undefined, {}, { address: "0", length: 1 }, { address: 0, bytes: "text" }, { sector: null }])(
    "answers malformed to arguments such as %j",
    async (argument) => {
      const requests = ["read", "program", "erase"].map((operation) => ({ operation, ...(argument && { argument }) }));
      for (const { answer } of await flash.perform(requests)) expect(answer).toEqual({ error: "malformed" });
    },
  );

  test("tears the operation that it is at when the power is cut, and begins none behind it", async () => {
    const found = new Set<string>();
    for (let seed = 0; seed < 12; seed++) {
      await flash.perform([erase, { operation: "sync" }]);
      await flash.tell({ unsynced: "kept", seed });
      await worker.send("flasher", "do", [program, erase]);
      await flash.advance(350);
      await flash.cut();
      await flash.boot();
      const bytes = bytesOf(await flash.perform([read])) as Uint8Array;
      const programmed = bytes.filter((byte, index) => byte === page[index] && byte !== 0xff).length;
      found.add(programmed === 0 ? "nothing" : programmed < 250 ? "a part" : "all");
    }
    expect([...found].sort()).toEqual(["a part", "all", "nothing"]);
    expect(await flash.tell({})).toMatchObject({ erases: 12, cuts: 12 });
  });

  test("ends the node at the operation that was planned, says so, and leaves nothing of what was behind it", async () => {
    await flash.tell({ plan: { operation: 3, happening: "cut", point: "first-half", unsynced: "kept", seed: 0 } });
    await worker.send("flasher", "do", [erase, { operation: "sync" }, program, erase, { operation: "sync" }]);
    await flash.advance(1_000_000);
    expect(worker.logs.filter((line) => line.includes("power"))).toEqual([
      "warning: the power failed in operation 3 of the flash, as planned",
    ]);
    await expect(flash.cut()).rejects.toThrow("no such node is running");
    // Erase and sync were answered before.
    for (const _ of [erase, "sync"]) expect((await worker.next()).body).toMatchObject({ answer: {} });
    await flash.boot();
    expect(bytesOf(await flash.perform([read]))).toEqual(Uint8Array.from([...page.slice(0, 128), ...blank(128)]));
  });

  test("fails, flips, spoils and ages as it is told", async () => {
    await flash.tell({ plan: { happening: "fail", point: "before" } });
    const failing = await flash.perform([program, program]);
    expect(failing.map(({ answer }) => answer)).toEqual([{ error: "failed" }, {}]);
    await flash.tell({ flip: { address: 0, length: 256, bits: 3 }, spoil: { address: 0, length: 1, count: 1 } });
    expect((await flash.perform([read]))[0]?.answer).toEqual({ error: "failed" });
    expect(bytesOf(await flash.perform([read]))).not.toEqual(page);
    const figures = await flash.tell({ age: { sector: 2, erases: 100_064 } });
    expect(figures).toMatchObject({ failed: 1, flippedBits: 3, spoiledReads: 1, programs: 2 });
    expect((figures.erasesBySector as number[])[2]).toBe(100_064);
    expect(Number(figures.stuckBits)).toBeGreaterThan(0);
  });

  test("is not there on a node without the option", async () => {
    const other = new BenchNode({ artifacts: findArtifacts("tests"), isVirtual: true });
    try {
      const bare = await NodeWithFlash.boot(other, 0);
      expect((await bare.perform([read]))[0]?.answer).toEqual({ refused: "not-capable" });
      await expect(bare.tell({})).rejects.toThrow("that node has none");
    } finally {
      await other.stop();
    }
  });

  test("finds the flash as it was when the node boots again, and refuses another geometry", async () => {
    await flash.perform([program, { operation: "sync" }]);
    await flash.cut();
    const { worker: process } = worker;
    const boot = { op: "boot", node: 0, name: "bench-0", configuration: {} };
    await expect(process.ask({ ...boot, flash: { sectors: 16 } })).rejects.toThrow("geometry that it was made with");
    await flash.boot();
    expect(bytesOf(await flash.perform([read]))).toEqual(page);
  });

  test.each([
    [{ pageBytes: 3 }, "Cannot make flash: wanted pages to 1024 bytes"],
    [{ sectors: -1 }, "Cannot make flash: wanted pages to 1024 bytes"],
    [{ unsynced: "maybe" }, "wanted kept, lost or subset"],
    [{ eraseMicros: 500_000 }, "wanted eraseMicros from 0 to eraseWorstMicros"],
  ])("refuses to boot a node with a flash of %j", async (option, message) => {
    const other = startFlashWorker(option);
    try {
      await expect(NodeWithFlash.boot(other, 0)).rejects.toThrow(message);
    } finally {
      await other.stop();
    }
  });
});
