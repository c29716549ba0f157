// Where the tests of wire/ find vectors, and a source of chance that a seed repeats.

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const copied = resolve(import.meta.dirname, "vectors");
const shared = resolve(import.meta.dirname, "../../shared/vectors");

/** A file of a set that is copied into this repository, with its source and licence beside it. */
export function readVector(path: string): Buffer {
  return readFileSync(resolve(copied, path));
}

export function readJsonVector<Shape>(path: string): Shape {
  return JSON.parse(readVector(path).toString("utf8")) as Shape;
}

/** A set without a licence stays outside the repository; null where it is absent. */
export function readUnlicensed<Shape>(path: string): Shape | null {
  const file = resolve(shared, path);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Shape) : null;
}

export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Changes one to four bytes, or cuts, or repeats a part: what a hostile or broken peer sends. */
export function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const pick = (count: number) => Math.floor(random() * count);
  const mutated = Uint8Array.from(bytes);
  for (let changes = 1 + pick(4); changes > 0 && mutated.length > 0; changes--) {
    const at = pick(mutated.length);
    mutated[at] = random() < 0.5 ? pick(256) : (mutated[at] as number) ^ (1 << pick(8));
  }
  const shape = random();
  if (shape < 0.15) return mutated.subarray(0, pick(mutated.length + 1));
  if (shape > 0.85) return Uint8Array.from([...mutated, ...mutated.subarray(pick(mutated.length))]);
  return mutated;
}
