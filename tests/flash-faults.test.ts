// Does the simulated flash break exactly as it was told to, at every cut, and nowhere else? And does its own test find it when
// it does not?
//
// The model and its test in C are compiled here with the sanitizers; planted bugs are one line of the model put wrong each.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "@jest/globals";

const folder = mkdtempSync(join(tmpdir(), "lugh-flash-"));
const sources = resolve("hosts/sim");
const model = ["flash.c", "flash_file.c", "flash_medium.c", "flash_fault.c"];
const harness = ["test/flash_test.c", "test/flash_fault_test.c"].map((file) => join(sources, file));
const sanitizers = ["-g", "-fsanitize=address,undefined"];

afterAll(() => rmSync(folder, { recursive: true }));

function compile(name: string, files: readonly string[], flags: readonly string[]): string {
  const program = join(folder, name);
  const options = ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", `-I${sources}`, ...flags];
  const compiled = spawnSync("gcc", [...options, ...files, "-o", program], { encoding: "utf8" });
  if (compiled.status !== 0)
    throw new Error(`Cannot compile the simulated flash: ${compiled.error ?? compiled.stderr}`);
  return program;
}

test("the simulated flash leaves at each cut what the contract allows, and makes each other fault as told", () => {
  const program = compile("honest", [...model.map((file) => join(sources, file)), ...harness], sanitizers);
  const { status, stdout, stderr } = spawnSync(program, { encoding: "utf8" });
  expect([status, stdout.match(/^violation.*$/m)?.[0], stderr]).toEqual([0, undefined, ""]);
  const count = (name: string): number => Number(stdout.match(new RegExp(`^${name} (\\d+)$`, "m"))?.[1]);
  // 12 scenarios of 28 operations, 6 points, 3 ways for what is un-synced, 8 seeds; each of the first seed cut thrice more.
  expect(count("cuts")).toBe(12 * 28 * 6 * 3 * 8);
  expect(count("doubleCuts")).toBe(12 * 28 * 6 * 3 * 3);
  expect(count("torn")).toBeGreaterThan(10_000);
  expect(count("lost")).toBeGreaterThan(10_000);
  expect(count("subsets")).toBe(16);
}, 120_000);

/** [what is wrong, file, the line as it is, the line as planted]. */
const bugs: readonly (readonly [string, string, string, string])[] = [
  [
    "a program that sets bits",
    "flash_medium.c",
    "bytes[index] &= of->bytes[index];",
    "bytes[index] = of->bytes[index] | 1;",
  ],
  [
    "an erase that forgets a byte",
    "flash_medium.c",
    "memset(bytes, 0xff, of->length);",
    "memset(bytes, 0xff, of->length - 1);",
  ],
  ["a cut that restores nothing", "flash_medium.c", "memcpy(flash->bytes + sector * size, kept->bytes, size);", ""],
  [
    "a sync that keeps the copies",
    "flash_medium.c",
    "free(flash->durable[sector]);\n\t\tflash->durable[sector] = NULL;",
    "",
  ],
  [
    "a cut that loses what it should keep",
    "flash_medium.c",
    "unsynced == LUGH_FLASH_KEPT ? flash->held_count : first",
    "first",
  ],
  [
    "held operations that stay in order",
    "flash_medium.c",
    "size_t other = flash_random(random) % left;",
    "size_t other = left - 1;",
  ],
  ["programs that always clear", "flash_medium.c", "of.kind = EFFECT_PUT;", "of.kind = EFFECT_CLEAR;"],
  ["held operations that are never torn", "flash_medium.c", "(drawn >> 1 & 3) == 0", "(drawn >> 1 & 3) == 4"],
  [
    "stuck bits that wander",
    "flash_medium.c",
    "flash->options.seed ^ ((uint64_t)sector + 1) << 32",
    "flash->figures.operations",
  ],
  [
    "wear that is never reported",
    "flash_fault.c",
    "is_worn && flash->options.reports_wear",
    "is_worn && !flash->options.seed",
  ],
  [
    "wear of the wrong sector",
    "flash_fault.c",
    "flash->erases[of->address / flash->options.sector_bytes]++;",
    "flash->erases[0]++;",
  ],
  ["half that is a third", "flash_fault.c", "part.length /= 2;", "part.length /= 3;"],
  ["all but two bytes", "flash_fault.c", "part.length -= 1;", "part.length -= 2;"],
  ["an operation that begins before it is cut", "flash_fault.c", "part.length = 0;", "part.length = 1;"],
  ["a torn program that sets bits", "flash_fault.c", "(uint8_t)(of->bytes[index] | drawn);", "(uint8_t)drawn;"],
  ["a torn sync that reaches one more", "flash_fault.c", "return held / 2;", "return held / 2 + (held > 2);"],
  ["a cut that leaves the power on", "flash_fault.c", "flash->is_on = false;", ""],
  [
    "a fault that comes again",
    "flash_fault.c",
    "flash->plans[index] = flash->plans[--flash->plan_count];",
    "flash->plans[index].operation++;",
  ],
  [
    "a stray that comes home",
    "flash_fault.c",
    "(uint64_t)sectors * flash->options.sector_bytes",
    "(uint64_t)0 * sectors",
  ],
  ["a flip that is undone by the next cut", "flash_fault.c", "if (kept)\n", "if (!flash)\n"],
  ["a program at any address", "flash.c", "(address | length) & (flash->options.page_bytes - 1)", "!flash"],
  ["a program over zeros", "flash.c", "bytes[index] & ~flash->bytes[address + index]", "!flash"],
  [
    "a range that ends beyond the end",
    "flash.c",
    "length > flash->total_bytes - address",
    "length - 1 > flash->total_bytes - address",
  ],
  [
    "a flash without power that answers",
    "flash.c",
    "if (!flash->is_on)\n\t\treturn LUGH_FLASH_OFF;\n\tif (!length",
    "if (!length",
  ],
];

test.each(bugs)(
  "the test in C finds %s",
  (what, file, line, planted) => {
    const text = readFileSync(join(sources, file), "utf8");
    expect(text.split(line)).toHaveLength(2);
    const name = `bug-${bugs.findIndex(([each]) => each === what)}`;
    const mutant = join(folder, `${name}.c`);
    writeFileSync(
      mutant,
      text.replace(line, () => planted),
    );
    const files = [...model.filter((each) => each !== file).map((each) => join(sources, each)), mutant];
    const { status, stdout } = spawnSync(compile(name, [...files, ...harness], ["-Wno-error"]), {
      encoding: "utf8",
      timeout: 30_000,
    });
    expect(status).not.toBe(0);
    expect(stdout).toMatch(/^violation /m);
  },
  60_000,
);
