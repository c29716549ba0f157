// The service that a file of tests becomes: it lists its tests, and runs one when it is told to. `lugh test` writes the module
// that makes it, from the file and the services that the file imports.

import { listTests } from "lughos/testing";
import { type Context, defineService, type ServiceDefinition } from "services/api/service";
import { type Services, TestBench } from "services/api/testing-bench";

/** A message that explains a failure is read by a person. */
const messageCharacters = 4_000;

export function createTester(services: Services): ServiceDefinition {
  return defineService({
    version: "1.0.0",
    receive: {
      list(_message: unknown, { send }: Context) {
        const tests = listTests().map(({ title, isSkipped, stack }) => ({ title, isSkipped, stack }));
        const types = services.map(([module, service]) => ({ module, types: Object.keys(service.receive ?? {}) }));
        send("bench", "listed", { tests, services: types });
      },
      async run({ index }: { readonly index: number }, context: Context) {
        const bench = new TestBench(context, services);
        try {
          await listTests()[index]?.body(bench);
          await bench.advance(0);
          const unexpected = bench.unexpected();
          if (unexpected === undefined) context.send("bench", "passed");
          else context.send("bench", "failed", { stack: "", ...unexpected });
        } catch (error) {
          context.send("bench", "failed", describe(error, bench.unexpected()?.message));
        }
      },
    },
  });
}

/** What else went wrong is most often why. */
function describe(error: unknown, unexpected = ""): { readonly message: string; readonly stack: string } {
  const text = textOf(error) + (unexpected === "" ? "" : `\nbefore that: ${unexpected}`);
  return { message: text.slice(0, messageCharacters), stack: error instanceof Error ? (error.stack ?? "") : "" };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "ExpectationError" || error.name === "Error"
    ? error.message
    : `${error.name}: ${error.message}`;
}
