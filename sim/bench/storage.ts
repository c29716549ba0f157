// `lugh bench storage`: the store's core, as the storage service runs it, on Node and on a file that is really synced; beside it,
// in the same run and on the same file system, SQLite with full synchronisation, by way of python3, whose library has it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layOutFlash } from "services/api/flash-layout";
import { Store } from "services/storage/store";
import { FileMedium } from "sim/bench/storage-file";
import { type EngineMemory, measureEngineMemory } from "sim/bench/storage-memory";

const valueBytes = 64;
/** A file may have what sectors it likes: each costs syncs as it is opened, so large ones are cheaper. */
const sectorBytes = 65_536;
const commitsMeasured = 300;
const getsMeasured = 3_000;
const loadEach = 32;

interface Rates {
  readonly commitsPerSecondOneKey: number;
  readonly commitsPerSecondTenKeys: number;
  readonly getsPerSecond: number;
}

export interface StorageAtSize extends Rates {
  readonly keys: number;
  /** Opening what lies there, without a clean end before it. */
  readonly recoveryMillis: number;
  readonly recoveryReads: number;
  /** Of the heap of Node, by the open store, after a collection. */
  readonly memoryBytes: number;
  /** The whole service on XS, which is what a node has. */
  readonly engineMemory: EngineMemory;
  /** Bytes programmed for each byte of key and value, in the commits measured. */
  readonly writeAmplification: number;
  readonly eraseSpread: { readonly least: number; readonly most: number };
  readonly sectors: number;
}

export interface StorageFigures {
  readonly engine: string;
  readonly sizes: readonly StorageAtSize[];
  /** null: this machine has no python3 with sqlite3. */
  readonly sqlite: (Rates & { readonly version: string; readonly keys: number }) | null;
}

export async function benchStorage(sizes: readonly number[]): Promise<StorageFigures> {
  const folder = mkdtempSync(join(tmpdir(), "lugh-bench-storage-"));
  try {
    const measured: StorageAtSize[] = [];
    for (const keys of sizes) measured.push(await measure(join(folder, `${keys}`), keys));
    return {
      engine: `Node ${process.versions.node}, the store's core`,
      sizes: measured,
      sqlite: measureSqlite(join(folder, "sqlite"), sizes[0] as number),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const keyOf = (index: number): string => `key/${`${index}`.padStart(8, "0")}`;

const rate = (count: number, sinceMillis: number): number =>
  Math.round((count * 1_000) / (performance.now() - sinceMillis));

async function measure(path: string, keys: number): Promise<StorageAtSize> {
  // Four times what the values take: half of a partition is the index's at most, and a node is seldom full.
  const sectors = Math.max(32, Math.ceil((keys * (valueBytes + 16) * 4) / sectorBytes));
  const medium = new FileMedium(path, { sectorBytes, sectors });
  try {
    let store = await Store.open(medium);
    await load(store, keys);
    const before = { programmed: medium.programmedBytes, erases: [...medium.erases] };
    const one = await commit(store, keys, 1);
    const ten = await commit(store, keys, 10);
    const written = commitsMeasured * 11 * (keyOf(0).length + valueBytes);
    const begun = performance.now();
    for (let get = 0; get < getsMeasured; get++) await store.get(keyOf((get * 7_919) % keys));
    const getsPerSecond = rate(getsMeasured, begun);
    const writeAmplification = round((medium.programmedBytes - before.programmed) / written);
    const { bytes, reads, millis, opened } = await reopen(medium);
    store = opened;
    if ((await store.get(keyOf(keys - 1))) === undefined) throw new Error("Cannot bench storage: a key is gone");
    return {
      keys,
      commitsPerSecondOneKey: one,
      commitsPerSecondTenKeys: ten,
      getsPerSecond,
      recoveryMillis: millis,
      recoveryReads: reads,
      memoryBytes: bytes,
      engineMemory: await measureEngineMemory(keys, valueBytes, { sectorBytes, sectors: sectorsAround(sectors) }),
      writeAmplification,
      eraseSpread: { least: Math.min(...medium.erases), most: Math.max(...medium.erases) },
      sectors,
    };
  } finally {
    medium.close();
  }
}

/** Of a flash whose log has so many: the rest is the boot record's, and a quarter for extents. */
function sectorsAround(sectors: number): number {
  let around = sectors;
  while (layOutFlash({ sectors: around }).log.sectors < sectors) around++;
  return around;
}

async function load(store: Store, keys: number): Promise<void> {
  for (let first = 0; first < keys; first += loadEach)
    await store.apply(
      Array.from({ length: Math.min(loadEach, keys - first) }, (_, index) => ({
        key: keyOf(first + index),
        value: new Uint8Array(valueBytes).fill(index),
      })),
    );
}

async function commit(store: Store, keys: number, each: number): Promise<number> {
  const begun = performance.now();
  for (let count = 0; count < commitsMeasured; count++)
    await store.apply(
      Array.from({ length: each }, (_, index) => ({
        key: keyOf((count * 104_729 + index * 7_907) % keys),
        value: new Uint8Array(valueBytes).fill(count),
      })),
    );
  return rate(commitsMeasured, begun);
}

async function reopen(
  medium: FileMedium,
): Promise<{ readonly opened: Store; readonly millis: number; readonly reads: number; readonly bytes: number }> {
  const reads = medium.reads;
  const before = heapBytes();
  const begun = performance.now();
  const opened = await Store.open(medium);
  const millis = round(performance.now() - begun);
  return { opened, millis, reads: medium.reads - reads, bytes: Math.max(0, heapBytes() - before) };
}

/** Of objects and of the buffers that they hold; nothing is collected where Node was started without --expose-gc. */
function heapBytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const round = (number: number): number => Math.round(number * 100) / 100;

const script = `
import json, sqlite3, sys, time
path, keys, value, commits, gets = sys.argv[1], *map(int, sys.argv[2:6])
database = sqlite3.connect(path, isolation_level=None)
database.execute("pragma journal_mode = wal")
database.execute("pragma synchronous = full")
database.execute("create table entries (key text primary key, value blob) without rowid")
name = lambda index: "key/%08d" % index
database.execute("begin")
database.executemany("insert into entries values (?, ?)", ((name(i), bytes(value)) for i in range(keys)))
database.execute("commit")
def commit(each):
    begun = time.perf_counter()
    for count in range(commits):
        database.execute("begin")
        for index in range(each):
            database.execute("insert or replace into entries values (?, ?)", (name((count * 104729 + index * 7907) % keys), bytes([count % 256]) * value))
        database.execute("commit")
    return round(commits / (time.perf_counter() - begun))
one, ten = commit(1), commit(10)
begun = time.perf_counter()
for get in range(gets):
    database.execute("select value from entries where key = ?", (name(get * 7919 % keys),)).fetchone()
print(json.dumps({"version": sqlite3.sqlite_version, "keys": keys, "commitsPerSecondOneKey": one, "commitsPerSecondTenKeys": ten, "getsPerSecond": round(gets / (time.perf_counter() - begun))}))
`;

function measureSqlite(path: string, keys: number): StorageFigures["sqlite"] {
  const args = [path, keys, valueBytes, commitsMeasured, getsMeasured].map(String);
  try {
    return JSON.parse(execFileSync("python3", ["-c", script, ...args], { encoding: "utf8" }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
