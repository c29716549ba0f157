// Bugs planted in the store, each one an edit of its sources that a tired hand could make, and the way to load a store that has
// one. A campaign that does not find them proves nothing (tests/system/storage-campaign.test.ts).

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { OpenStore } from "sim/campaign/storage-target";

export interface PlantedBug {
  readonly title: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const bug = (title: string, file: string, find: string, replace = ""): PlantedBug => ({
  title,
  file,
  find,
  replace,
});

/** The scenario, or the seed of a random world, that finds it soonest; "overwrite" finds most. */
export const finders: { readonly [title: string]: string | number } = {
  "each change of a transaction is a commit": "transactions",
  "an erase ahead is believed for ever": "idle",
  "commits during a merge are taken for merged": "meanwhile",
  "what is used is counted at the end of a merge": 10,
  "the log is freed before all nodes were moved": "meanwhile",
  "the log is freed up to its head": 38,
  "a merge forgets what is deleted": "queue",
  "deletes are not replayed": "queue",
};

export const plantedBugs: readonly PlantedBug[] = [
  bug(
    "the checksum of a frame is skipped",
    "format",
    "if (sum !== sumOf(bytes.subarray(4, length), address)) return undefined;",
  ),
  bug(
    "the checksum of a header is skipped",
    "format",
    'if (getUint32(bytes, 32) !== crc32(bytes.subarray(0, 32))) return "damaged";',
  ),
  bug(
    "the checksum covers the payload's first bytes only",
    "format",
    "return crc32(bytes, crc32(place));",
    "return crc32(bytes.subarray(0, 16), crc32(place));",
  ),
  bug("a commit is acknowledged before it is synced", "store", "payload);\n    await this.#log.sync();", "payload);"),
  bug(
    "only every second commit is synced",
    "store",
    "await this.#log.sync();",
    "if (this.#commits % 2 === 0) await this.#log.sync();",
  ),
  bug(
    "each change of a transaction is a commit",
    "store",
    "await this.#commit(encodeCommit(changes));",
    "for (const change of changes) await this.#commit(encodeCommit([change]));",
  ),
  bug(
    "a header is not synced before the frames behind it",
    "log",
    "encodeHeader(header, this.medium));\n      await this.medium.sync();\n      return true;",
    "encodeHeader(header, this.medium));\n      return true;",
  ),
  bug("a sector is not synced before the next one is opened", "log", "await this.sync();\n    try {", "try {"),
  bug("the next sector is not erased", "log", "if (this.#erasedAhead !== sector) await this.medium.erase(sector);"),
  bug(
    "an erase ahead is believed for ever",
    "log",
    "this.#erasedAhead = -1;\n      await this.medium.program",
    "await this.medium.program",
  ),
  bug(
    "a sequence number is used again",
    "log",
    "const sequence = this.#lastSequence + 1;",
    "const sequence = this.#lastSequence;",
  ),
  bug(
    "one sector too many is free",
    "log",
    "(tailSector - this.#sector - 1 + sectors) % sectors;",
    "(tailSector - this.#sector + sectors) % sectors;",
  ),
  bug(
    "a header names the end of the sector before it wrongly",
    "log",
    "previousEnd: previous.offset,",
    "previousEnd: this.dimensions.headerBytes,",
  ),
  bug(
    "commits during a merge are taken for merged",
    "compactor",
    "const { replayFrom, used } = job;",
    "const { used } = job;\n    const replayFrom = this.#log.position;",
  ),
  bug(
    "what is used is counted at the end of a merge",
    "compactor",
    "const { replayFrom, used } = job;",
    "const { replayFrom } = job;\n    const used = this.#used();",
  ),
  bug(
    "the log is freed before all nodes were moved",
    "compactor",
    "round !== undefined && merged.leftAt === undefined",
    "round !== undefined",
  ),
  bug(
    "the log is freed up to its head",
    "compactor",
    "isAround ? round.from.sector",
    "isAround ? this.#log.position.sector",
  ),
  bug(
    "changes behind the last leaf are forgotten",
    "merge",
    "return next === undefined ? to :",
    "return next === undefined ? at :",
  ),
  bug(
    "a merge forgets what is deleted",
    "merge",
    "if (isPut(change)) items.push(change);",
    "if (isPut(change)) items.push(change);\n      else if (old[at - 1]?.key === change.key) items.push(old[at - 1] as LeafItem);",
  ),
  bug(
    "an older change hides a newer one",
    "delta",
    "if (older[index]?.key === change.key) index++;\n    both.push(change);",
    "both.push(older[index]?.key === change.key ? (older[index++] as Change) : change);",
  ),
  bug(
    "what is torn is written over",
    "recovery",
    "isSealed: header !== head || !(await window.isBlankFrom(offset)), checkpoint",
    "isSealed: header !== head, checkpoint",
  ),
  bug(
    "what is torn is skipped",
    "recovery",
    "if (frame === undefined) break;",
    "if (frame === undefined) {\n      offset += 16;\n      continue;\n    }",
  ),
  bug(
    "the last commit is not replayed",
    "recovery",
    "const end = next?.previousEnd ?? head.offset;",
    "const end = next?.previousEnd ?? Math.max(offset, head.offset - 64);",
  ),
  bug("only the first sector of the log is replayed", "recovery", "if (next === undefined) return;", "return;"),
  bug(
    "a torn first header is taken for something foreign",
    "recovery",
    "if (((found[index] as number) & (first[index] as number)) !== first[index]) return false;",
    "if (found[index] !== 0xff) return false;",
  ),
  bug("deletes are not replayed", "commit", "changes.push({ key,", "if (!isDeleted) changes.push({ key,"),
];

const room = resolve("services/storage");

/** The sources with the bug in them, in a folder of their own; `use` gets the way to open such a store. */
export async function withBug<Result>(
  { title, file, find, replace }: PlantedBug,
  use: (open: OpenStore) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "lugh-planted-"));
  try {
    for (const name of readdirSync(room)) {
      const text = readFileSync(join(room, name), "utf8");
      const isPlace = name === `${file}.ts`;
      if (isPlace && text.split(find).length !== 2)
        throw new Error(`Cannot plant "${title}": wanted its place once in ${name}`);
      const planted = isPlace ? text.replace(find, () => replace) : text;
      // The class of its failures is the one that the campaign's flash throws.
      writeFileSync(join(folder, name), planted.replaceAll(/"services\/storage\/(?!medium")/g, '"./'));
    }
    const { Store } = (await import(join(folder, "store.ts"))) as typeof import("services/storage/store");
    return await use((medium, limits) => Store.open(medium, limits));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
