// `lugh bench`: measures on the real engine and prints what was measured, with the engine, the commit and the host.

import type { Command, Invocation } from "cli/command";
import { Failure } from "cli/failure";
import { suggestion } from "cli/nearest";
import type { Output } from "cli/output";
import { findProject } from "cli/project";
import { benchAudit } from "sim/bench/audit";
import { benchHostile } from "sim/bench/hostile";
import { benchIpc } from "sim/bench/ipc";
import { benchLatency } from "sim/bench/latency";
import { benchLifetime, outages } from "sim/bench/lifetime";
import { readProvenance } from "sim/bench/provenance";
import { benchRestart, faultNames } from "sim/bench/restart";
import { benchRing } from "sim/bench/ring";
import { benchSpawn } from "sim/bench/spawn";
import { benchStorage } from "sim/bench/storage";
import { benchSwap } from "sim/bench/swap";
import { benchUpdate } from "sim/bench/update";
import { pairs } from "sim/bench/update-table";

interface Bench {
  readonly summary: string;
  measure(invocation: Invocation, output: Output): Promise<object>;
}

/** Of progress: some two minutes. */
const swapsEachLine = 1_000;
const killsEachLine = 100_000;

const kinds = Object.keys(faultNames);

const benches: { readonly [name: string]: Bench } = {
  ipc: {
    summary: "round trips a second between services, and of Node's worker threads (--count)",
    measure: (invocation) => benchIpc(readCount(invocation) ?? 500_000),
  },
  ring: {
    summary: "hops a second of one token around 100 services, and of ten (--count)",
    measure: (invocation) => benchRing(readCount(invocation) ?? 1_000_000),
  },
  latency: {
    summary: "µs from the send of a HIGH message to its handler, idle and under a flood of LOW (--count)",
    measure: (invocation) => benchLatency(readCount(invocation) ?? 5_000),
  },
  spawn: {
    summary: "time and private memory of a service, at 1,000 and at 10,000 of them",
    measure: async () => ({ results: [await benchSpawn(1_000), await benchSpawn(10_000)] }),
  },
  restart: {
    summary: "time until a killed service answers again, with the state it had, by what it died of (--kills, --kind)",
    measure: measureRestarts,
  },
  update: {
    summary: "live updates of a service, every pair of eight versions with a fault at every step (--pairs)",
    measure: measureUpdates,
  },
  swap: {
    summary: "what a swap of the scheduler costs, half of them faulty, under load (--swaps, --messages)",
    measure: measureSwaps,
  },
  storage: {
    summary: "commits and gets a second, recovery, memory and wear of the store, beside SQLite (--keys)",
    measure: (invocation) => {
      const keys = invocation.integer("keys", 100, 1_000_000);
      return benchStorage(keys === undefined ? [10_000, 100_000] : [keys]);
    },
  },
  lifetime: {
    summary:
      "years that 64 KB of flash last, by what a day really erases, with outages of the broker (--hours, --outages)",
    measure: (invocation, output) =>
      benchLifetime(invocation.integer("hours", 1, 8_760) ?? 24, readOutages(invocation), (line) =>
        output.progress(line),
      ),
  },
  hostile: {
    summary: "what becomes of programs that take more than they were given, from every place (--kills)",
    measure: (invocation) => benchHostile(invocation.integer("kills", 1, 10_000_000) ?? 10_000),
  },
  audit: {
    summary: "whether machines can change what they share: every operation on everything (--programs)",
    measure: (invocation) => benchAudit(invocation.integer("programs", 1, 100_000_000)),
  },
};

export const bench: Command = {
  name: "bench",
  summary: "measure messages, machines and restarts on the real engine",
  arguments: ["NAME"],
  options: {
    count: {
      summary: "ipc: round trips (500000); ring: hops (1000000); latency: HIGH messages, one a ms (5000)",
      value: "N",
    },
    kills: { summary: "restart: how often the service is killed; hostile: how many machines are (10000)", value: "N" },
    programs: { summary: "audit: so many of them, evenly spread (all, some 290000)", value: "N" },
    swaps: { summary: "swap: how often, every second time to a scheduler that breaks a rule (200)", value: "N" },
    messages: { summary: "swap: how many messages flow meanwhile at least (200000)", value: "N" },
    pairs: { summary: `update: so many pairs of versions, evenly spread (${pairs.length})`, value: "N" },
    keys: { summary: "storage: how many keys, in place of 10000 and 100000", value: "N" },
    hours: { summary: "lifetime: of the node's time (24)", value: "N" },
    outages: { summary: `lifetime: ${Object.keys(outages).join(", ")} (all, one after the other)`, value: "NAME" },
    kind: { summary: `restart: how it dies: ${kinds.join(", ")} (all of them in turn)`, value: "KIND" },
  },
  explanation: Object.entries(benches)
    .map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`)
    .join("\n"),
  async run(invocation, output) {
    const [name = ""] = invocation.positionals;
    const chosen = Object.hasOwn(benches, name) ? benches[name] : undefined;
    if (chosen === undefined) throw unknownBench(name);
    const figures = await chosen.measure(invocation, output);
    print({ bench: name, ...readProvenance(findProject().root), ...figures }, output);
  },
};

function measureSwaps(invocation: Invocation, output: Output): Promise<object> {
  const swaps = invocation.integer("swaps", 2, 1_000_000) ?? 200;
  const messages = invocation.integer("messages", 100, 100_000_000) ?? 200_000;
  return benchSwap(swaps, messages, (done) => {
    if (done % swapsEachLine === 0) output.progress(`${done} of ${swaps} swaps`);
  });
}

function readCount(invocation: Invocation): number | undefined {
  return invocation.integer("count", 100, 100_000_000);
}

function measureUpdates(invocation: Invocation, output: Output): Promise<object> {
  const most = invocation.integer("pairs", 1, pairs.length) ?? pairs.length;
  return benchUpdate(most, (done) => output.progress(`${done} of ${most} pairs of versions`));
}

function measureRestarts(invocation: Invocation, output: Output): Promise<object> {
  const kills = invocation.integer("kills", 1, 10_000_000) ?? 10_000;
  return benchRestart(kills, readKinds(invocation), (done) => {
    if (done % killsEachLine === 0) output.progress(`${done} of ${kills} kills`);
  });
}

function readOutages(invocation: Invocation): readonly string[] {
  const name = invocation.text("outages");
  const names = Object.keys(outages);
  if (name === undefined) return names;
  if (names.includes(name)) return [name];
  throw new Failure("usage", `Cannot read --outages: wanted one of ${names.join(", ")}, found "${name}"`);
}

function readKinds(invocation: Invocation): readonly string[] {
  const kind = invocation.text("kind");
  if (kind === undefined) return kinds;
  if (kinds.includes(kind)) return [kind];
  throw new Failure("usage", `Cannot read --kind: wanted one of ${kinds.join(", ")}, found "${kind}"`);
}

function unknownBench(name: string): Failure {
  const guess = suggestion(name, Object.keys(benches)) || `; there are ${Object.keys(benches).join(", ")}`;
  return new Failure("usage", `Cannot run lugh bench ${name}: there is no such benchmark${guess}`);
}

function print(figures: object, output: Output): void {
  if (output.isJson) output.json(figures);
  else for (const [name, value] of Object.entries(figures)) output.line(`${name.padEnd(32)} ${describe(value)}`);
}

function describe(value: unknown): string {
  if (typeof value === "number") return value.toLocaleString("en");
  return typeof value === "string" ? value : JSON.stringify(value);
}
