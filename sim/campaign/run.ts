// One campaign of power cuts against a target: its standard scenarios exhaustively, or worlds at random; and the sum of it.

import type { Outcome } from "sim/campaign/outcome";
import { PowerCutRunner } from "sim/campaign/power-cut";
import { cutAtRandom } from "sim/campaign/random-cuts";
import { storageScenarios, storageWorld } from "sim/campaign/storage-target";

export const powerCutTargets = ["storage"];

export interface PowerCutOptions {
  readonly isDouble: boolean;
  /** So many random cuts instead. */
  readonly random: number | undefined;
  readonly seed: number;
  report(line: string): void;
}

export interface PowerCutVerdict extends Readonly<Outcome> {
  readonly target: string;
  /** What the target ran on. The service on XS is cut by tests/storage-power.test.ts. */
  readonly engine: string;
  readonly scenarios: readonly Outcome[];
}

export async function runPowerCut(options: PowerCutOptions): Promise<PowerCutVerdict> {
  const scenarios =
    options.random === undefined ? await cutEach(options) : [await cutRandomly(options.random, options)];
  const sum = (of: (outcome: Outcome) => number): number => scenarios.reduce((total, each) => total + of(each), 0);
  return {
    target: "storage",
    engine: `Node ${process.versions.node}, the store's core`,
    scenario: scenarios.map(({ scenario }) => scenario).join(" "),
    operations: sum(({ operations }) => operations),
    cuts: sum(({ cuts }) => cuts),
    doubleCuts: sum(({ doubleCuts }) => doubleCuts),
    distinct: sum(({ distinct }) => distinct),
    recovered: sum(({ recovered }) => recovered),
    lost: sum(({ lost }) => lost),
    halfVisible: sum(({ halfVisible }) => halfVisible),
    unreadable: sum(({ unreadable }) => unreadable),
    violations: scenarios.flatMap(({ violations }) => violations),
    scenarios,
  };
}

async function cutEach({ isDouble, report }: PowerCutOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const scenario of storageScenarios()) {
    const outcome = await PowerCutRunner.run(scenario, { isDouble });
    const { cuts, doubleCuts, distinct, recovered } = outcome;
    report(`${scenario.name}: ${cuts} cuts, ${doubleCuts} double, ${distinct} distinct, ${recovered} recovered`);
    outcomes.push(outcome);
  }
  return outcomes;
}

function cutRandomly(cuts: number, { seed, report }: PowerCutOptions): Promise<Outcome> {
  let told = 0;
  report(`random cuts from seed ${seed}`);
  return cutAtRandom((each) => storageWorld(each), {
    cuts,
    seed,
    progress(done) {
      if (done < told + cuts / 10) return;
      told = done;
      report(`${done} cuts`);
    },
  });
}
