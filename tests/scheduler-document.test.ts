// Does docs/SCHEDULERS.md teach what is so? Its example is type-checked, held to the claims on XS and run on the real kernel,
// and its limits are those of the code. (tests/scheduler-xs.test.ts holds its table of costs against the meter.)

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { system } from "firmware/system";
import { limits } from "kernel/limits";
import type { KernelStatistics } from "services/api/kernel";
import { limits as restartLimits } from "services/reincarnation/policy";
import { patiencePlans } from "services/scheduler/line";
import { BenchNode } from "sim/bench/node";
import { call, type Step, talker, to } from "tests/kernel-node";
import { schedulerClaims } from "tests/scheduler-conformance";
import { buildTestImage, examiner, listExaminerModules, readModule, type TestImage } from "tests/scheduler-image";
import { schedulerTable } from "tests/scheduler-node";
import ts from "typescript";
import { cborLimits } from "wire/limits";

const root = resolve(import.meta.dirname, "..");
const text = readFileSync(join(root, "docs/SCHEDULERS.md"), "utf8");
const [, path = "", example = ""] =
  /`(services\/scheduler\/[a-z-]+)\.ts`\.\n\n```ts\n([\s\S]*?)^```$/m.exec(text) ?? [];
/** Not its own name, which a reader who has saved it as he was told has in the image already. */
const module = "documented/fair-share";
const bootMillis = 60_000; // a second alone

test("the example is strict TypeScript", () => {
  const file = join(root, `${path}.ts`);
  const { config } = ts.readConfigFile(join(root, "tsconfig.device.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, target, ...more) =>
    name === file ? ts.createSourceFile(name, example, target) : getSourceFile(name, target, ...more);
  const program = ts.createProgram([file], { ...options, noEmit: true, incremental: false }, host);
  const found = ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  expect(found).toEqual([]);
});

describe("on XS the example", () => {
  let image: TestImage;
  let node: BenchNode;

  beforeAll(async () => {
    const talking = { "tests/services/talker": readModule("tests/services/talker") };
    image = buildTestImage({ [module]: example, ...talking, ...listExaminerModules({ example: module }) });
  }, bootMillis);
  afterAll(() => image?.remove());

  async function pass(millis: number): Promise<void> {
    const { micros } = await node.worker.ask({ op: "now" });
    await node.worker.ask({ op: "advance", to: Number(micros) + millis * 1000 });
  }

  /** Has a talker take the steps, and answers what came of the last one. */
  async function perform(name: string, ...steps: Step[]): Promise<unknown> {
    await node.send(name, "do", steps);
    await pass(0);
    for (let step = 1; step < steps.length; step++) await node.next();
    return (await node.next()).body;
  }

  test("keeps every claim", async () => {
    node = new BenchNode({ artifacts: image.artifacts, isVirtual: true });
    await node.boot({ services: [examiner] });
    for (const { title } of schedulerClaims) {
      await node.send("examiner", "examine", { policy: "example", title });
      await pass(0);
      expect(node.logs).toEqual([]);
      expect((await node.next()).body).toEqual({ policy: "example", title });
    }
    await node.stop();
  });

  test("takes over from another policy and gives the turn to who has used the least", async () => {
    node = new BenchNode({ artifacts: image.artifacts, isVirtual: true });
    const names = ["heavy", "light", "urgent"];
    const services = [...names.map((name) => talker(name)), talker("asker", { calls: to(["kernel"]) })];
    await node.boot(schedulerTable("services/scheduler/priority", {}, services));
    await pass(0);
    const swap = call("kernel", "swap", { service: "scheduler", module });
    expect(await perform("asker", swap)).toEqual({ begun: true });
    await pass(limits.trialMicros / 1000);
    expect((await node.next()).body).toMatchObject({ outcome: "confirmed", reason: "" });
    expect(await perform("asker", call("kernel", "statistics"))).toMatchObject({ scheduler: "fair-share" });
    for (let each = 0; each < 5; each++) {
      await node.send("heavy", "note", each);
      await pass(0);
      await node.next();
    }
    for (const name of ["heavy", "light"]) await node.send(name, "note", name);
    await node.worker.ask({ op: "send", node: 0, service: "urgent", type: "note", priority: 0, body: "urgent" });
    await pass(0);
    const noted = [(await node.next()).body, (await node.next()).body, (await node.next()).body];
    expect(noted.map((body) => (body as { readonly message: string }).message)).toEqual(["urgent", "light", "heavy"]);
    const figures = (await perform("asker", call("kernel", "statistics"))) as KernelStatistics;
    expect(figures.services.filter(({ lastFault }) => lastFault !== null)).toEqual([]);
    await node.stop();
  });
});

test("the limits in the text are those of the code", () => {
  const seconds = restartLimits.windowMicros / 1e6;
  const scheduler = system.services.find(({ name }) => name === system.scheduler);
  expect({ patiencePlans, seconds, restarts: restartLimits.restarts }).toEqual({
    patiencePlans: 8,
    seconds: 10,
    restarts: 5,
  });
  expect(limits.trialMicros).toBe(500_000);
  for (const [sentence, number] of [
    ["for # plans or half a second", limits.trialWork],
    ["plain data of at most # bytes", cborLimits.bytes],
    ["above the # of the firmware", scheduler?.budgetSteps],
    ["keep a ready HIGH message waiting for # ms", limits.highWaitMicros / 1000],
  ] as const)
    expect(text).toContain(sentence.replace("#", (number ?? 0).toLocaleString("en")));
});
