// `lugh campaign`: batches of trouble, and a judge who stands apart from what is judged. It ends with code 1 when a promise broke.

import type { Command, Invocation } from "cli/command";
import { Failure } from "cli/failure";
import { suggestion } from "cli/nearest";
import type { Output } from "cli/output";
import { findProject } from "cli/project";
import { readProvenance } from "sim/bench/provenance";
import {
  type CampaignOptions,
  campaignScenarios,
  campaignTargets,
  runFlashErrors,
  runPowerCut,
} from "sim/campaign/run";
import { runOutage } from "sim/outage/campaign";

interface Verdict {
  readonly violations: readonly unknown[];
}

interface Campaign {
  readonly summary: string;
  run(invocation: Invocation, report: (line: string) => void): Promise<Verdict>;
}

const minutesMaximum = 10_080;
const nodesMaximum = 100;
const seedMaximum = 999_999_999;

const cutsMaximum = 1_000_000_000;

const campaigns: { readonly [name: string]: Campaign } = {
  "power-cut": {
    summary: "the power fails at every operation of the flash, torn or whole, and nothing acknowledged may be lost",
    run: (invocation, report) =>
      runPowerCut({
        ...optionsOf(invocation, report),
        isDouble: invocation.isSet("double"),
        random: invocation.integer("random", 1, cutsMaximum),
        seed: invocation.integer("seed", 0, seedMaximum) ?? 1,
      }),
  },
  "flash-errors": {
    summary: "every operation of the flash fails, its sectors wear out, its syncs lie; nothing may be wrong in silence",
    run: (invocation, report) => runFlashErrors(optionsOf(invocation, report)),
  },
  outage: {
    summary: "power, links and services of a live fleet fail at random; mosquitto_sub counts what arrives",
    run: (invocation, report) =>
      runOutage({
        seconds:
          invocation.integer("seconds", 10, 3_600) ?? (invocation.integer("minutes", 1, minutesMaximum) ?? 10) * 60,
        nodes: invocation.integer("nodes", 1, nodesMaximum) ?? 8,
        seed: invocation.integer("seed", 0, seedMaximum) ?? 1,
        report,
      }),
  },
};

export const campaign: Command = {
  name: "campaign",
  summary: "let trouble befall storage or a fleet at random, and judge what becomes of it",
  arguments: ["NAME"],
  options: {
    target: { summary: `power-cut, flash-errors: of what, ${campaignTargets.join(" or ")} (storage)`, value: "TARGET" },
    scenario: { summary: `power-cut, flash-errors: only this one of ${campaignScenarios.join(", ")}`, value: "NAME" },
    double: { summary: "power-cut: cut again at every operation of getting up" },
    random: { summary: "power-cut: so many random cuts instead, up to three in a life", value: "N" },
    minutes: { summary: "outage: how long the trouble lasts (10)", value: "N" },
    seconds: { summary: "outage: the same, for a short one", value: "N" },
    nodes: { summary: "outage: how many nodes (8)", value: "N" },
    seed: { summary: "of what befalls (1)", value: "N" },
  },
  explanation: Object.entries(campaigns)
    .map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`)
    .join("\n"),
  async run(invocation, output) {
    const [name = ""] = invocation.positionals;
    const chosen = Object.hasOwn(campaigns, name) ? campaigns[name] : undefined;
    if (chosen === undefined) throw unknown("campaign", name, Object.keys(campaigns));
    const verdict = await chosen.run(invocation, (line) => output.progress(line));
    print({ campaign: name, ...readProvenance(findProject().root), ...verdict }, output);
    if (verdict.violations.length > 0) throw new Failure("violations", "a promise broke", { isTold: true });
  },
};

function optionsOf(invocation: Invocation, report: (line: string) => void): CampaignOptions {
  const target = invocation.text("target") ?? "storage";
  if (!campaignTargets.includes(target)) throw unknown("target", target, campaignTargets);
  const scenario = invocation.text("scenario");
  if (scenario !== undefined && !campaignScenarios.includes(scenario))
    throw unknown("scenario", scenario, campaignScenarios);
  return { scenario, report };
}

function unknown(what: string, name: string, known: readonly string[]): Failure {
  const guess = suggestion(name, known) || `; there is ${known.join(", ")}`;
  return new Failure("usage", `Cannot run ${what} "${name}": there is no such ${what}${guess}`);
}

function print(verdict: object, output: Output): void {
  if (output.isJson) output.json(verdict);
  else
    for (const [name, value] of Object.entries(verdict))
      output.line(`${name.padEnd(20)} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`);
}
