// What a new service begins as: something small that does all that a service does (a timer, state, a reply, a log line), so that
// what is not wanted is deleted rather than looked up.

export function serviceText(name: string): string {
  return `// Counts the seconds that ${name} has lived, restarts included: a beginning, to be replaced by what it is for.

import { type Context, defineService, type Tick } from "lughos";

/** Committed. */
interface State {
  readonly seconds: number;
}

let seconds: number;

export default defineService({
  version: "0.1.0",
  stateSchema: 1,
  start({ every, log }, state) {
    seconds = (state as State | undefined)?.seconds ?? 0;
    log("info", \`begins at \${seconds} s\`);
    every(1000, "tick");
  },
  receive: {
    tick({ missed }: Tick, { commit, log }: Context) {
      seconds += 1 + missed;
      commit({ seconds });
      if (seconds % 60 === 0) log("info", \`has lived for \${seconds / 60} min\`);
    },
    /** What a \`call\` of "seconds" is answered. */
    seconds: () => ({ seconds }),
  },
});
`;
}

export function testText(name: string, identifier: string): string {
  return `// Does ${name} count the seconds, and go on where it was?

import { expect, test } from "lughos/testing";
import ${identifier} from "services/${name}/service";

test("each second is counted", async (bench) => {
  await bench.start(${identifier});
  await bench.advance(3000);
  expect(await bench.call("seconds")).toEqual({ seconds: 3 });
});

test("a restart goes on from the last commit", async (bench) => {
  await bench.start(${identifier}, { state: { seconds: 58 } });
  await bench.advance(1000);
  await bench.restart();
  await bench.advance(1000);
  expect(await bench.call("seconds")).toEqual({ seconds: 60 });
  const texts = bench.logs().map(({ text }) => text);
  expect(texts).toEqual(["begins at 58 s", "begins at 59 s", "has lived for 1 min"]);
});
`;
}

/** Its entry in the system table, each line after the indent. */
export function entryLines(name: string, identifier: string): readonly string[] {
  return [
    "{",
    `  name: "${name}",`,
    `  module: "services/${name}/service",`,
    `  version: ${identifier}.version,`,
    "  memoryBytes: 64 * kilobyte,",
    "  budgetSteps: 200_000,",
    "  mailbox: 8,",
    '  publishes: [{ to: "log", priority: "LOW" }],',
    "},",
  ];
}
