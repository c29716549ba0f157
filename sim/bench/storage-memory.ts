// What the storage service takes of memory on the real engine, while it is filled with so many keys, and when it is opened again
// and read. The limit of its machine is the system table's, so a store that grew with its keys would end here as a fault. A machine
// keeps what its heaps have grown to: much of it is room that a collection found empty.

import { system } from "firmware/system";
import { BenchNode } from "sim/bench/node";
import { caller, type Entry } from "sim/bench/table";

export interface EngineMemory {
  /** Of the machine: what the system table allows, and what it had before the first key. */
  readonly limitBytes: number;
  readonly emptyBytes: number;
  /** While the keys were put, and at most. */
  readonly filledBytes: number;
  readonly filledPeakBytes: number;
  /** On another start, after some were read. */
  readonly openedBytes: number;
  readonly openedPeakBytes: number;
  readonly secondsToFill: number;
}

interface Flash {
  readonly sectorBytes: number;
  readonly sectors: number;
}

const keysEach = 1_000;
const keysRead = 300;

export async function measureEngineMemory(keys: number, valueBytes: number, flash: Flash): Promise<EngineMemory> {
  const storage = storageEntry();
  const node = new BenchNode({ flash: { ...flash, isInstant: true } });
  try {
    const boot = (): Promise<void> => node.boot({ services: [storage, hoarder] });
    await boot();
    const empty = await askHoarder(node, "keep", { from: 0, count: 0, valueBytes });
    const begun = performance.now();
    let filled = empty;
    for (let from = 0; from < keys; from += keysEach)
      filled = await askHoarder(node, "keep", { from, count: Math.min(keysEach, keys - from), valueBytes });
    const secondsToFill = Math.round((performance.now() - begun) / 100) / 10;
    await node.worker.ask({ op: "cut", node: 0 });
    await boot();
    const opened = await askHoarder(node, "read", {
      from: Math.max(0, keys - keysRead),
      count: Math.min(keys, keysRead),
    });
    return {
      limitBytes: storage.memoryBytes,
      emptyBytes: empty.bytes,
      filledBytes: filled.bytes,
      filledPeakBytes: filled.peakBytes,
      openedBytes: opened.bytes,
      openedPeakBytes: opened.peakBytes,
      secondsToFill,
    };
  } finally {
    await node.stop();
  }
}

const hoarder: Entry = {
  ...caller("hoarder", "hoarder", "storage", "kernel"),
  memoryBytes: 256 * 1024,
  budgetSteps: 4_000_000,
  stores: "",
};

/** As on every node. */
function storageEntry(): Entry {
  const entry = system.services.find(({ name }) => name === "storage");
  if (entry === undefined) throw new Error("Cannot bench storage: the system table has none");
  return entry;
}

interface Told {
  readonly bytes: number;
  readonly peakBytes: number;
}

async function askHoarder(node: BenchNode, type: string, body: object): Promise<Told> {
  await node.send("hoarder", type, body);
  const told = await node.next();
  if (told.type === "failed") throw new Error(`Cannot bench storage: ${String(told.body)}; ${node.logs.join("; ")}`);
  return told.body as Told;
}
