// Swapping the scheduler of a live node, as an operator does it: what the command prints, what it refuses, and what whoever
// watches the node hears of it.

import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { LiveFleet } from "tests/live-fleet";
import { decodeReply, encodeCommand, type Reply } from "wire/command";
import { decodeLog } from "wire/log";
import { decodeState } from "wire/state";

jest.setTimeout(30_000);

const node = "toledo/node-1";
let fleet: LiveFleet;

beforeAll(async () => {
  fleet = await LiveFleet.start();
});

afterAll(async () => {
  await fleet?.dispose();
});

async function swap(module: string): Promise<{ readonly code: number | null; readonly answer: unknown }> {
  const { code, stdout } = await fleet.lugh("swap", node, `scheduler=${module}`, "--json");
  return { code, answer: JSON.parse(stdout) };
}

function replies(): Reply[] {
  return fleet.observer.of("reply", node).map(({ payload }) => decodeReply(payload));
}

function refused(message: string): object {
  return { error: { code: expect.any(String), message: expect.stringContaining(message) } };
}

const durations = ["prepareMicros", "suspendMicros", "startMicros", "trialMicros", "totalMicros"];

test("lugh swap prints the outcome and how long each step took, and the node tells it to all", async () => {
  const { code, answer } = await swap("deadline");
  expect({ code, answer }).toMatchObject({
    code: 0,
    answer: { node, outcome: "confirmed", moves: [{ service: "scheduler", module: "services/scheduler/deadline" }] },
  });
  const { steps } = answer as { readonly steps: { readonly [step: string]: number } };
  expect(Object.keys(steps).sort()).toEqual([...durations].sort());
  const [prepare = 0, suspend = 0, start = 0, trial = 0, total = 0] = durations.map((step) => steps[step]);
  expect(trial).toBeGreaterThanOrEqual(100_000);
  expect(total).toBeGreaterThanOrEqual(prepare + suspend + start + trial);
  await fleet.observer.until(() =>
    fleet.observer
      .of("log", node)
      .some(({ payload }) =>
        decodeLog(payload).text.startsWith("swap of scheduler to services/scheduler/deadline confirmed after "),
      ),
  );
  await fleet.observer.until(() =>
    fleet.observer.of("state", node).some(({ payload }) => decodeState(payload).scheduler === "deadline"),
  );
});

describe("lugh swap refuses", () => {
  test("the version that runs", async () => {
    expect(await swap("deadline")).toEqual({ code: 1, answer: refused("runs services/scheduler/deadline already") });
  });

  test("a policy that the image does not have", async () => {
    expect(await swap("nothing")).toEqual({ code: 1, answer: refused("the image has no such module") });
  });

  test("what is no scheduler, naming the clause that it breaks", async () => {
    expect(await swap("services/mqtt/service")).toEqual({ code: 1, answer: refused("has no function plan") });
  });

  test("a swap during a swap", async () => {
    const before = replies().length;
    for (const policy of ["priority", "round-robin"]) {
      const moves = [{ service: "scheduler", module: `services/scheduler/${policy}` }];
      await fleet.observer.publish(
        node,
        "command",
        encodeCommand({ requestId: policy, operation: "swap", argument: { moves } }),
      );
    }
    await fleet.observer.until(() => replies().length === before + 2);
    // The second is answered at once, the first when its trial is over.
    expect(replies().slice(before)).toMatchObject([
      { requestId: "round-robin", ok: false, message: expect.stringContaining("is under way; wait for its end") },
      { requestId: "priority", ok: true, result: { outcome: "confirmed" } },
    ]);
  });
});
