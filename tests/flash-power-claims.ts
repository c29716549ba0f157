// What every flash must keep when the power fails (services/api/flash, "Durability"), and what one whose power can be cut at
// will owes its tests: that the cut which was asked for is the cut that happened. A simulator that tears nothing proves nothing.

import {
  blank,
  type CutPoint,
  check,
  cleared,
  expectBytes,
  type FlashBench,
  type FlashOperation,
  type PowerCut,
  pattern,
  range,
} from "tests/flash-bench";
import { claim, type FlashClaim } from "tests/flash-conformance";

const points: readonly CutPoint[] = ["before", "first-half", "all-but-last", "some-bits", "unstable", "after"];
const unsynceds: readonly PowerCut["unsynced"][] = ["kept", "lost", "subset"];

/** So many seeds find every outcome of a few coins; the claims that need one say so. */
const seeds = range(40);

/** Every cut of these operations: before, in and after each, with everything that may become of those before it. */
function cutsIn(operation: FlashOperation): PowerCut[] {
  const cuts = points.flatMap((point) => [0, 1].map((seed) => ({ seed, during: { operation, point } })));
  return cuts.flatMap((cut) => unsynceds.map((unsynced) => ({ ...cut, unsynced })));
}

/** Sectors 0 and 1 full of synced bytes, sector 1's second half still erased; answers the whole flash. */
async function settled(bench: FlashBench): Promise<Uint8Array> {
  await bench.erased();
  const wanted = blank(bench.totalBytes);
  wanted.set(pattern(bench.sectorBytes * 1.5, 6));
  await bench.program(0, wanted.slice(0, bench.sectorBytes * 1.5));
  await bench.sync();
  return wanted;
}

/** Is each bit of `found` that differs from `old` one that `asked` clears? */
function isBetween(found: Uint8Array, old: Uint8Array, asked: Uint8Array): boolean {
  return found.every((byte, index) => {
    const before = old[index] as number;
    return (byte & ~before) === 0 && (before & (asked[index] as number) & ~byte) === 0;
  });
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean => one.every((byte, index) => byte === other[index]);

/** Two un-synced programs, cut by each seed: which of them landed whole, as "01". */
async function outcomes(bench: FlashBench): Promise<Set<string>> {
  const found = new Set<string>();
  const pieces = [pattern(bench.pieceBytes, 1), pattern(bench.pieceBytes, 2)] as const;
  for (const seed of seeds) {
    await bench.erase(0);
    await bench.sync();
    await bench.program(0, pieces[0]);
    await bench.program(bench.pieceBytes, pieces[1]);
    await bench.cut({ unsynced: "subset", seed });
    const read = await bench.read(0, 2 * bench.pieceBytes);
    const landed = pieces.map((piece, at) => {
      const bytes = read.subarray(at * bench.pieceBytes, (at + 1) * bench.pieceBytes);
      check(isBetween(bytes, blank(bench.pieceBytes), piece), `found bits in piece ${at} that no program cleared`);
      return isSame(bytes, piece) ? 1 : 0;
    });
    found.add(landed.join(""));
  }
  return found;
}

/** A program of two pieces in two sectors, torn: what was there, what was asked for, what is found. */
async function tearProgram(bench: FlashBench, point: CutPoint, seed: number): Promise<Uint8Array[]> {
  const wanted = await settled(bench);
  const address = bench.sectorBytes - bench.pieceBytes;
  const old = wanted.slice(address, address + 2 * bench.pieceBytes);
  const bytes = cleared(old, pattern(old.length, 8));
  await bench.cut({ unsynced: "kept", seed, during: { point, operation: { operation: "program", address, bytes } } });
  const found = await bench.read(address, old.length);
  wanted.set(found, address);
  await bench.expectAll(wanted);
  return [old, bytes, found];
}

async function tearErase(bench: FlashBench, point: CutPoint, seed: number): Promise<Uint8Array[]> {
  const wanted = await settled(bench);
  await bench.cut({ unsynced: "kept", seed, during: { point, operation: { operation: "erase", sector: 0 } } });
  const found = (await bench.dump()).subarray(0, bench.sectorBytes);
  expectBytes((await bench.dump()).subarray(bench.sectorBytes), wanted.subarray(bench.sectorBytes), bench.sectorBytes);
  return [wanted.slice(0, bench.sectorBytes), found];
}

/** The first so many bytes of one, the rest of the other. */
function joined(first: Uint8Array, count: number, rest: Uint8Array): Uint8Array {
  const both = rest.slice();
  both.set(first.subarray(0, count));
  return both;
}

export const powerClaims: readonly FlashClaim[] = [
  claim("keeps through every cut what was synced, where no un-synced operation reaches", async (bench) => {
    const piece = pattern(bench.pieceBytes, 3);
    const operations: FlashOperation[] = [
      { operation: "program", address: bench.sectorBytes * 1.5, bytes: piece },
      { operation: "erase", sector: 1 },
      { operation: "sync" },
    ];
    for (const cut of operations.flatMap(cutsIn)) {
      const wanted = await settled(bench);
      await bench.program(2 * bench.sectorBytes, piece);
      await bench.cut(cut);
      const found = await bench.dump();
      expectBytes(found.subarray(0, bench.sectorBytes), wanted.subarray(0, bench.sectorBytes), 0);
      const rest = 2 * bench.sectorBytes + bench.pieceBytes;
      expectBytes(found.subarray(rest), wanted.subarray(rest), rest);
    }
  }),
  claim("loses everything un-synced when told to, back to before an erase", async (bench) => {
    const wanted = await settled(bench);
    await bench.erase(0);
    await bench.program(0, pattern(bench.pieceBytes, 1));
    await bench.program(2 * bench.sectorBytes, pattern(bench.pieceBytes, 2));
    await bench.cut({ unsynced: "lost", seed: 1 });
    await bench.expectAll(wanted);
  }),
  claim("keeps everything un-synced when told to", async (bench) => {
    const wanted = await settled(bench);
    const piece = pattern(bench.pieceBytes, 1);
    await bench.erase(0);
    await bench.program(bench.pieceBytes, piece);
    await bench.cut({ unsynced: "kept", seed: 1 });
    wanted.fill(0xff, 0, bench.sectorBytes).set(piece, bench.pieceBytes);
    await bench.expectAll(wanted);
  }),
  claim("keeps each un-synced operation or not by itself, a later one without an earlier too", async (bench) => {
    const found = await outcomes(bench);
    for (const wanted of ["00", "01", "10", "11"]) check(found.has(wanted), `found no cut that leaves ${wanted}`);
  }),
  claim("has made durable what is read after the power came back", async (bench) => {
    for (const seed of seeds.slice(0, 10)) {
      await settled(bench);
      for (const piece of range(6))
        await bench.program(2 * bench.sectorBytes + piece * bench.pieceBytes, pattern(bench.pieceBytes, piece));
      await bench.cut({ unsynced: "subset", seed });
      const found = await bench.dump();
      await bench.expectAll(found);
      await bench.cut({ unsynced: "lost", seed });
      await bench.expectAll(found);
    }
  }),
  claim("tears a program at each point as told, and stays as it is then read", async (bench) => {
    const half = bench.pieceBytes;
    const wanted: { readonly [point: string]: (old: Uint8Array, bytes: Uint8Array) => Uint8Array } = {
      before: (old) => old,
      "first-half": (old, bytes) => joined(bytes, half, old),
      "all-but-last": (old, bytes) => joined(bytes, bytes.length - 1, old),
      after: (_old, bytes) => bytes,
    };
    for (const [point, expected] of Object.entries(wanted)) {
      const [old, bytes, found] = (await tearProgram(bench, point as CutPoint, 0)) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
      ];
      expectBytes(found, expected(old, bytes), 0);
    }
  }),
  claim("clears some bits of a program torn at random, others by another seed", async (bench) => {
    const found = new Set<string>();
    for (const point of ["some-bits", "unstable"] as const)
      for (const seed of seeds.slice(0, 5)) {
        const [old, bytes, read] = (await tearProgram(bench, point, seed)) as [Uint8Array, Uint8Array, Uint8Array];
        check(isBetween(read, old, bytes), "found a bit changed that the program does not clear");
        check(!isSame(read, old) && !isSame(read, bytes), "wanted some of its bits cleared, found all or none");
        found.add(read.join());
      }
    check(found.size >= 5, `wanted another outcome for each seed, found ${found.size}`);
  }),
  claim("tears an erase at each point as told, and erases that sector again", async (bench) => {
    const { sectorBytes } = bench;
    const wanted: { readonly [point: string]: (old: Uint8Array) => Uint8Array } = {
      before: (old) => old,
      "first-half": (old) => joined(blank(sectorBytes), sectorBytes / 2, old),
      "all-but-last": (old) => joined(blank(sectorBytes), sectorBytes - 1, old),
      after: () => blank(sectorBytes),
    };
    for (const [point, expected] of Object.entries(wanted)) {
      const [old, found] = (await tearErase(bench, point as CutPoint, 0)) as [Uint8Array, Uint8Array];
      expectBytes(found, expected(old), 0);
      await bench.erase(0);
      expectBytes(await bench.read(0, bench.pieceBytes), blank(bench.pieceBytes), 0);
    }
  }),
  claim("leaves anything of an erase torn at random, but leaves it so", async (bench) => {
    for (const seed of seeds.slice(0, 5)) {
      const [old, found] = (await tearErase(bench, "some-bits", seed)) as [Uint8Array, Uint8Array];
      check(
        !isSame(found, old) && !isSame(found, blank(found.length)),
        "wanted a part of it erased, found all or none",
      );
      expectBytes((await bench.dump()).subarray(0, found.length), found, 0);
    }
  }),
  claim("reads an unstable sector differently each time, until it is erased", async (bench) => {
    await tearErase(bench, "unstable", 1);
    const reads = new Set<string>();
    for (const _ of range(8)) reads.add((await bench.read(0, bench.pieceBytes)).join());
    check(reads.size > 1, "wanted reads that differ, found eight equal ones");
    await bench.erase(0);
    await bench.program(0, pattern(bench.pieceBytes, 4));
    for (const _ of range(8)) expectBytes(await bench.read(0, bench.pieceBytes), pattern(bench.pieceBytes, 4), 0);
  }),
  claim("reaches as much as told of a torn sync", async (bench) => {
    const { pieceBytes } = bench;
    const landed: { readonly [point: string]: number } = { before: 0, "first-half": 2, "all-but-last": 3, after: 4 };
    for (const [point, count] of Object.entries(landed)) {
      const wanted = await settled(bench);
      const first = 2 * bench.sectorBytes;
      for (const piece of range(4)) await bench.program(first + piece * pieceBytes, pattern(pieceBytes, piece));
      for (const piece of range(count)) wanted.set(pattern(pieceBytes, piece), first + piece * pieceBytes);
      await bench.cut({
        unsynced: "lost",
        seed: 0,
        during: { point: point as CutPoint, operation: { operation: "sync" } },
      });
      await bench.expectAll(wanted);
    }
  }),
  claim("brings a program without its erase as given or cleared, as the seed says", async (bench) => {
    const bytes = pattern(bench.pieceBytes, 7);
    const found = new Set<string>();
    for (const seed of [0, 1, 2, 3]) {
      const wanted = await settled(bench);
      const old = wanted.slice(0, bench.pieceBytes);
      await bench.erase(0);
      const operation = { operation: "program", address: 0, bytes } as const;
      await bench.cut({ unsynced: "lost", seed, during: { point: "after", operation } });
      const read = await bench.read(0, bench.pieceBytes);
      check(
        isSame(read, bytes) || isSame(read, cleared(old, bytes)),
        "found neither its bytes nor what clearing leaves",
      );
      found.add(read.join());
      wanted.set(read, 0);
      await bench.expectAll(wanted);
    }
    check(found.size === 2, "wanted both ways among four seeds, found one");
  }),
];
