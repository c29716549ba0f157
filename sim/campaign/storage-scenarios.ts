// The standard scenarios of the storage target, and worlds at random: small flashes, so that a few dozen transactions take the log
// around its ring.

import type { FlashGeometry } from "services/api/flash";
import { Store } from "services/storage/store";
import { randomOf } from "sim/campaign/flash-model";
import { compact, type OpenStore, put, quotas, StorageProgram, settle } from "sim/campaign/storage-target";
import type { Scenario, Step } from "sim/campaign/target";

const geometry = (more: Partial<FlashGeometry>): FlashGeometry => ({
  pageBytes: 16,
  sectorBytes: 512,
  sectors: 12,
  eraseWorstMicros: 400_000,
  ...more,
});

const times = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index));

export function storageScenarios(
  open: OpenStore = (medium, limits) => Store.open(medium, limits),
): Scenario<StorageProgram>[] {
  const scenario = (
    name: string,
    flash: Partial<FlashGeometry>,
    steps: readonly Step<StorageProgram>[],
    before: readonly Step<StorageProgram>[] = [],
  ): Scenario<StorageProgram> => ({
    name,
    geometry: geometry(flash),
    before,
    steps,
    afterwards: [put({ "a-after": "one" }), compact(2), put({ "a-after": "two", z: null }), settle],
    open: async (medium) => new StorageProgram(await open(medium, quotas)),
  });
  return [
    scenario(
      "overwrite",
      { sectors: 24 },
      times(90, (index) => put({ [`a${index % 5}`]: `value ${index}`.padEnd(20 + (index % 3) * 20, ".") })),
    ),
    scenario(
      "queue",
      { sectorBytes: 1_024, sectors: 10 },
      times(48, (index) =>
        put({ [`a/${1000 + index}`]: `reading ${index}`.padEnd(40, "."), [`a/${994 + index}`]: null }),
      ),
    ),
    scenario(
      "transactions",
      { sectors: 20, pageBytes: 1 },
      times(30, (index) =>
        put({ a: `${index}`, b: `${index}`, [`c${index % 4}`]: index % 3 === 0 ? null : `${index}` }),
      ),
    ),
    scenario(
      "idle",
      { sectorBytes: 1_024, pageBytes: 32, sectors: 10 },
      times(40, (index) => [
        put({ [`a${(index * 7) % 11}`]: `${index}`.padEnd(30, "i") }),
        compact(1 + (index % 4)),
      ]).flat(),
    ),
    scenario(
      "large",
      { sectorBytes: 2_048, pageBytes: 256, sectors: 18 },
      times(40, (index) => put({ [`a${index % 3}`]: `${index}`.padEnd(index % 5 === 0 ? 500 : 100, "l") })),
    ),
    scenario(
      "meanwhile",
      { sectorBytes: 1_024, sectors: 40 },
      times(40, (index) => [put({ [`a${(index * 11) % 17}`]: `${index}`.padEnd(70, "m") }), compact(1)]).flat(),
      [
        ...times(24, (index) => put({ [`b/cold/${index}`]: "".padEnd(50, "c") })),
        ...times(300, (index) => [put({ [`a${(index * 11) % 17}`]: `${index}`.padEnd(70, "m") }), compact(1)]).flat(),
      ],
    ),
    scenario("random", { sectorBytes: 1_024, sectors: 12 }, randomSteps(7, 60)),
  ];
}

/** Puts, deletes, transactions and compaction, by seed. */
export function randomSteps(seed: number, count: number): Step<StorageProgram>[] {
  const random = randomOf(seed);
  const below = (bound: number): number => random() % bound;
  return times(count, (index) => {
    const kind = below(10);
    if (kind === 0) return compact(1 + below(5));
    if (kind === 1) return settle;
    const values: { [key: string]: string | null } = {};
    for (let left = 1 + below(kind === 2 ? 6 : 1); left > 0; left--)
      values[`${"ab"[below(2)]}/${below(12)}`] = below(4) === 0 ? null : `${index}`.padEnd(below(60), "r");
    return put(values);
  });
}

/** Of a seed: another flash, other steps. */
export function storageWorld(
  seed: number,
  open: OpenStore = (medium, limits) => Store.open(medium, limits),
): Scenario<StorageProgram> {
  const random = randomOf(seed);
  const pick = <Value>(values: readonly Value[]): Value => values[random() % values.length] as Value;
  const sectorBytes = pick([512, 1_024, 2_048]);
  return {
    name: "random",
    geometry: geometry({ sectorBytes, pageBytes: pick([1, 4, 16, 64]), sectors: 12 + (random() % 12) }),
    steps: randomSteps(random(), 40 + (random() % 80)),
    afterwards: randomSteps(random(), 6),
    open: async (medium) => new StorageProgram(await open(medium, quotas)),
  };
}
