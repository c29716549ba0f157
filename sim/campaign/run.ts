// The campaigns against a target: its standard scenarios exhaustively, or worlds at random; and the sum of what became of them.

import { type ErrorOutcome, failFlash } from "sim/campaign/flash-errors";
import { type LieOutcome, lieAboutSyncs } from "sim/campaign/lying-syncs";
import type { Outcome } from "sim/campaign/outcome";
import { cutPower } from "sim/campaign/power-cut";
import { cutAtRandom } from "sim/campaign/random-cuts";
import { storageScenarios, storageWorld } from "sim/campaign/storage-scenarios";

export const campaignTargets = ["storage"];
export const campaignScenarios = storageScenarios().map(({ name }) => name);

export interface CampaignOptions {
  /** Only this one. */
  readonly scenario: string | undefined;
  report(line: string): void;
}

export interface PowerCutOptions extends CampaignOptions {
  readonly isDouble: boolean;
  /** So many random cuts instead. */
  readonly random: number | undefined;
  readonly seed: number;
}

interface Verdict<Each extends Outcome> extends Readonly<Outcome> {
  readonly target: string;
  /** What the target ran on. The service on XS is cut by tests/storage-power.test.ts. */
  readonly engine: string;
  readonly scenarios: readonly Each[];
}

export async function runPowerCut(options: PowerCutOptions): Promise<Verdict<Outcome>> {
  const { random, isDouble } = options;
  if (random !== undefined) return verdictOf([await cutRandomly(random, options)]);
  return verdictOf(await inEach(options, (scenario) => cutPower(scenario, { isDouble })));
}

export interface FlashErrorVerdict extends Verdict<ErrorOutcome> {
  readonly errors: number;
  readonly answered: number;
  readonly lies: Verdict<LieOutcome> & { readonly older: number };
}

/** Operations that fail, then syncs that lie: of these what was unreadable is no violation, for it was said. */
export async function runFlashErrors(options: CampaignOptions): Promise<FlashErrorVerdict> {
  const failed = await inEach(options, (scenario) => failFlash(scenario));
  const lied = await inEach(options, (scenario) => lieAboutSyncs(scenario));
  const lies = verdictOf(lied);
  const verdict = verdictOf(failed);
  return {
    ...verdict,
    errors: sum(failed, ({ errors }) => errors),
    answered: sum(failed, ({ answered }) => answered),
    violations: [...verdict.violations, ...lies.violations],
    lies: { ...lies, older: sum(lied, ({ older }) => older) },
  };
}

async function inEach<Each extends Outcome>(
  { scenario: only, report }: CampaignOptions,
  run: (scenario: ReturnType<typeof storageScenarios>[0]) => Promise<Each>,
): Promise<Each[]> {
  const outcomes: Each[] = [];
  for (const scenario of storageScenarios()) {
    if (only !== undefined && scenario.name !== only) continue;
    const outcome = await run(scenario);
    const figures = Object.entries(outcome).filter(([, value]) => typeof value === "number" && value > 0);
    report(`${scenario.name}: ${figures.map(([name, value]) => `${name} ${value}`).join(", ")}`);
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

function verdictOf<Each extends Outcome>(scenarios: readonly Each[]): Verdict<Each> {
  return {
    target: "storage",
    engine: `Node ${process.versions.node}, the store's core`,
    scenario: scenarios.map(({ scenario }) => scenario).join(" "),
    operations: sum(scenarios, ({ operations }) => operations),
    cuts: sum(scenarios, ({ cuts }) => cuts),
    doubleCuts: sum(scenarios, ({ doubleCuts }) => doubleCuts),
    distinct: sum(scenarios, ({ distinct }) => distinct),
    recovered: sum(scenarios, ({ recovered }) => recovered),
    lost: sum(scenarios, ({ lost }) => lost),
    halfVisible: sum(scenarios, ({ halfVisible }) => halfVisible),
    unreadable: sum(scenarios, ({ unreadable }) => unreadable),
    violations: scenarios.flatMap(({ violations }) => violations),
    scenarios,
  };
}

function sum<Each>(outcomes: readonly Each[], of: (outcome: Each) => number): number {
  return outcomes.reduce((total, each) => total + of(each), 0);
}
