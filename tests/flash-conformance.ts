// What every flash must keep (services/api/flash), as claims that run against anything that answers the contract: a model, the
// simulated flash behind a real node, a file, a chip. Each claim opens its own. Power is tests/flash-power-claims.

import type { FlashBytes, FlashRefusal } from "services/api/flash";
import { flashLimits } from "services/api/flash";
import {
  blank,
  check,
  cleared,
  expectBytes,
  FlashBench,
  type FlashUnderTest,
  FlashViolation,
  pattern,
} from "tests/flash-bench";

export interface FlashClaim {
  readonly title: string;
  /** Throws a FlashViolation when the flash breaks the claim. */
  run(open: () => Promise<FlashUnderTest>): Promise<void>;
}

/** A claim on a flash whose sectors are all erased. */
export function claim(title: string, run: (bench: FlashBench) => Promise<void>): FlashClaim {
  return { title, run: async (open) => run(await (await FlashBench.open(await open())).erased()) };
}

const isPowerOfTwo = (number: number): boolean => Number.isInteger(Math.log2(number));

/** The same operations on the flash and on an array; what the array says must be read. */
async function follow(bench: FlashBench, steps: number): Promise<void> {
  const wanted = blank(bench.totalBytes);
  for (let step = 0; step < steps; step++) {
    const [kind, place, size, seed] = pattern(4, step * 7 + 3) as unknown as [number, number, number, number];
    const pages = 1 + (size % Math.min(4, flashLimits.bytesEach / bench.pageBytes));
    const length = pages * bench.pageBytes;
    const address = ((place * 257 + seed) % (bench.totalBytes / bench.pageBytes - pages + 1)) * bench.pageBytes;
    if (kind < 30) {
      const sector = place % bench.sectors;
      await bench.erase(sector);
      wanted.fill(0xff, sector * bench.sectorBytes, (sector + 1) * bench.sectorBytes);
    } else if (kind < 50) await bench.sync();
    else if (kind < 190) {
      const bytes = cleared(wanted.subarray(address, address + length), pattern(length, seed));
      await bench.program(address, bytes);
      wanted.set(bytes, address);
    } else expectBytes(await bench.read(address, length), wanted.subarray(address, address + length), address);
  }
  await bench.expectAll(wanted);
}

export const flashClaims: readonly FlashClaim[] = [
  claim("has a geometry of powers of two, and says how long an erase may take", async ({ flash }) => {
    const { pageBytes, sectorBytes, sectors, eraseWorstMicros } = await flash.geometry();
    check(isPowerOfTwo(pageBytes) && pageBytes <= flashLimits.pageBytes, `found pages of ${pageBytes} bytes`);
    check(isPowerOfTwo(sectorBytes) && sectorBytes >= 2 * pageBytes, `found sectors of ${sectorBytes} bytes`);
    check(Number.isInteger(sectors) && sectors >= 4, `found ${sectors} sectors`);
    check(eraseWorstMicros > 0, `found a longest erase of ${eraseWorstMicros} µs`);
  }),
  claim("reads erased sectors as 0xff, and programmed bytes as they were given", async (bench) => {
    const { pageBytes, totalBytes, sectorBytes } = bench;
    const wanted = blank(totalBytes);
    await bench.expectAll(wanted);
    const places = [0, sectorBytes - pageBytes, sectorBytes + pageBytes, totalBytes - pageBytes];
    for (const address of places) {
      const bytes = pattern(pageBytes, address);
      await bench.program(address, bytes);
      wanted.set(bytes, address);
    }
    await bench.expectAll(wanted);
  }),
  claim("programs across pages and sectors, and as much as one message holds", async (bench) => {
    const { pageBytes, sectorBytes, totalBytes } = bench;
    const length = Math.min(flashLimits.bytesEach, totalBytes - pageBytes);
    const address = sectorBytes - pageBytes + length > totalBytes ? totalBytes - length : sectorBytes - pageBytes;
    const wanted = blank(totalBytes);
    wanted.set(pattern(length, 5), address);
    await bench.program(address, wanted.slice(address, address + length));
    await bench.expectAll(wanted);
  }),
  claim("reads any address and length", async (bench) => {
    const bytes = pattern(2 * bench.pieceBytes, 9);
    await bench.program(bench.sectorBytes, bytes);
    for (const [offset, length] of [
      [0, 1],
      [1, 1],
      [bytes.length - 1, 1],
      [1, bytes.length - 1],
      [0, bytes.length - 1],
    ] as const) {
      const address = bench.sectorBytes + offset;
      expectBytes(await bench.read(address, length), bytes.subarray(offset, offset + length), address);
    }
    expectBytes(await bench.read(bench.totalBytes - 1, 1), blank(1), bench.totalBytes - 1);
  }),
  claim("clears more bits of what is programmed already", async (bench) => {
    const first = pattern(bench.pieceBytes, 1);
    const second = cleared(first, pattern(bench.pieceBytes, 2));
    await bench.program(0, first);
    await bench.program(0, second);
    await bench.program(0, second);
    expectBytes(await bench.read(0, bench.pieceBytes), second, 0);
  }),
  claim("refuses to set a bit, and then changes nothing", async (bench) => {
    const wanted = blank(bench.totalBytes);
    const bytes = pattern(2 * bench.pieceBytes, 3);
    bytes[bytes.length - 1] = 0xfe;
    wanted.set(bytes, 0);
    await bench.program(0, bytes);
    // Everything could be cleared further, but for one bit at the end.
    const given = cleared(bytes, pattern(bytes.length, 4));
    given[given.length - 1] = 0x01;
    await bench.expectRefused(bench.flash.program(0, given), "not-erased");
    await bench.expectAll(wanted);
    await bench.expectRefused(bench.flash.program(0, blank(bench.pageBytes)), "not-erased");
    await bench.expectAll(wanted);
  }),
  claim("erases the whole of one sector and nothing beside it", async (bench) => {
    const { sectorBytes, sectors, totalBytes } = bench;
    for (const sector of [0, 1, sectors - 1]) {
      const wanted = pattern(totalBytes, sector);
      await bench.erased();
      await bench.program(0, wanted);
      await bench.erase(sector);
      wanted.fill(0xff, sector * sectorBytes, (sector + 1) * sectorBytes);
      await bench.expectAll(wanted);
    }
  }),
  claim("refuses programs that are not whole pages", async (bench) => {
    const { pageBytes, flash } = bench;
    if (pageBytes === 1) return; // every program is whole pages
    await bench.expectRefused(flash.program(1, pattern(pageBytes, 1)), "misaligned");
    await bench.expectRefused(flash.program(pageBytes / 2, pattern(pageBytes / 2, 1)), "misaligned");
    await bench.expectRefused(flash.program(0, pattern(pageBytes - 1, 1)), "misaligned");
    await bench.expectRefused(flash.program(0, pattern(pageBytes + 1, 1)), "misaligned");
    await bench.expectAll(blank(bench.totalBytes));
  }),
  claim("refuses what lies outside, wholly or in part", async (bench) => {
    const { pageBytes, sectors, totalBytes, flash } = bench;
    const two = new Uint8Array(2 * pageBytes);
    for (const address of [totalBytes, totalBytes + pageBytes, 2 ** 32, 2 ** 32 + pageBytes, 2 ** 52]) {
      await bench.expectRefused(flash.read(address, 1), "beyond-end");
      await bench.expectRefused(flash.program(address, two), "beyond-end");
    }
    await bench.expectRefused(flash.read(totalBytes - 1, 2), "beyond-end");
    await bench.expectRefused(flash.program(totalBytes - pageBytes, two), "beyond-end");
    for (const sector of [sectors, 2 ** 32, 2 ** 52]) await bench.expectRefused(flash.erase(sector), "beyond-end");
    await bench.expectAll(blank(totalBytes));
  }),
  claim("refuses more than one message holds", async (bench) => {
    const long = new Uint8Array(flashLimits.bytesEach + bench.pageBytes);
    await bench.expectRefused(bench.flash.program(0, long), "too-long");
    await bench.expectRefused(bench.flash.read(0, flashLimits.bytesEach + 1), "too-long");
    await bench.expectAll(blank(bench.totalBytes));
  }),
  claim("refuses what is no address, no length or no sector", async (bench) => {
    const { flash, pageBytes } = bench;
    const page = new Uint8Array(pageBytes);
    for (const wrong of [-1, -pageBytes, 0.5]) {
      await bench.expectRefused(flash.read(wrong, 1), "malformed");
      await bench.expectRefused(flash.read(0, wrong), "malformed");
      await bench.expectRefused(flash.program(wrong, page), "malformed");
      await bench.expectRefused(flash.erase(wrong), "malformed");
    }
    await bench.expectRefused(flash.read(0, 0), "malformed");
    await bench.expectRefused(flash.program(0, new Uint8Array(0)), "malformed");
    await bench.expectAll(blank(bench.totalBytes));
  }),
  claim(
    "performs what is submitted together in the order of submission",
    async ({ flash, pieceBytes, sectorBytes }) => {
      const [first, other] = [pattern(pieceBytes, 1), pattern(pieceBytes, 2)];
      const second = cleared(first, other);
      const read = (): Promise<FlashBytes | FlashRefusal> => flash.read(sectorBytes, pieceBytes);
      const answers = await Promise.all([
        read(),
        flash.program(sectorBytes, first),
        read(),
        flash.program(sectorBytes, second),
        read(),
        flash.erase(1),
        read(),
        flash.program(sectorBytes, other),
      ]);
      const reads = answers.flatMap((answer) => ("bytes" in answer ? [answer.bytes] : []));
      check(
        answers.every(({ error }) => error === undefined) && reads.length === 4,
        "wanted eight answers, four of them bytes",
      );
      for (const [index, wanted] of [blank(pieceBytes), first, second, blank(pieceBytes)].entries())
        expectBytes(reads[index] as Uint8Array, wanted, sectorBytes);
    },
  ),
  claim("follows a thousand operations as an array would", (bench) => follow(bench, 1_000)),
];

/** Titles of the claims that a flash breaks. */
export async function brokenClaims(
  claims: readonly FlashClaim[],
  open: () => Promise<FlashUnderTest>,
): Promise<string[]> {
  const broken: string[] = [];
  for (const { title, run } of claims)
    try {
      await run(open);
    } catch (error) {
      if (!(error instanceof FlashViolation)) throw error;
      broken.push(title);
    }
  return broken;
}
