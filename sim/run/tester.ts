// The tester: the service that a file of tests becomes, and what it says to this side of its port "bench".

import type { StartOptions } from "lughos/testing";
import type { Answering } from "sim/run/answers";

export const testerIndex = 0;
export const testerModule = "desk/tester";

export const tester = {
  name: "tester",
  module: testerModule,
  memoryBytes: 64 * 1024 * 1024,
  // The engine's own filter() and its like keep a whole list on the stack.
  stackSlots: 65_536,
  budgetSteps: 100_000_000,
  mailbox: 16,
  calls: [{ to: "bench", priority: "HIGH" }],
  sends: [{ to: "bench", priority: "HIGH" }],
};

/** What it answers to "list". */
export interface Listed {
  readonly tests: readonly { readonly title: string; readonly isSkipped: boolean; readonly stack: string }[];
  readonly services: readonly { readonly module: string; readonly types: readonly string[] }[];
}

/** A step of a test, as its bench asks for it (services/api/testing-bench). */
export interface Step {
  readonly token: number;
  readonly step: string;
  readonly argument: Argument;
}

export interface Argument {
  readonly module: string;
  readonly options: StartOptions & { readonly priority?: string };
  readonly type: string;
  readonly topic: string;
  readonly message?: unknown;
  readonly millis: number;
  readonly scripted?: readonly { channel: string; type: string; answers: readonly Answering[] }[];
}

export type Verdict =
  | { readonly isPassed: true }
  | { readonly isPassed: false; readonly message: string; readonly stack: string };

/** JavaScript that imports the file, which registers its tests, and the services by their names. */
export function writeTester(module: string, services: readonly string[]): string {
  const imports = services.map((service, index) => `import service${index} from "${service}";\n`);
  const pairs = services.map((service, index) => `["${service}", service${index}]`);
  return [
    `import "${module}";\nimport { createTester } from "services/api/testing-tester";\n`,
    ...imports,
    `export default createTester([${pairs.join(", ")}].filter(([, service]) => service?.receive !== undefined));\n`,
  ].join("");
}
