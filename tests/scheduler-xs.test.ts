// Do the schedulers keep their contract on XS too, and does a plan cost what docs/SCHEDULERS.md says?

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { BenchNode } from "sim/bench/node";
import type { Load } from "tests/scheduler-examiner";
import { buildTestImage, examiner, listExaminerModules, listPolicies, type TestImage } from "tests/scheduler-image";
import { claimsOf } from "tests/scheduler-policies";

const bootMillis = 60_000; // a second alone
const policies = listPolicies();

let image: TestImage;
let node: BenchNode;

beforeAll(async () => {
  const modules = Object.fromEntries(policies.map((name) => [name, `services/scheduler/${name}`]));
  image = buildTestImage(listExaminerModules(modules));
  node = new BenchNode({ artifacts: image.artifacts, isVirtual: true });
  await node.boot({ services: [examiner] });
}, bootMillis);

afterAll(async () => {
  await node?.stop();
  image?.remove();
});

/** Has the examiner handle a message; answers what it cost, in steps of the meter. */
async function ask(type: string, body: unknown): Promise<number> {
  await node.send("examiner", type, body);
  await node.worker.ask({ op: "advance", to: Number((await node.worker.ask({ op: "now" })).micros) });
  const faults = node.logs.splice(0);
  expect(faults).toEqual([]);
  await node.next();
  const { dispatches } = await node.worker.ask({ op: "trace", node: 0 });
  return (dispatches as readonly { readonly steps: number }[]).at(-1)?.steps as number;
}

for (const policy of policies)
  describe(`${policy} on XS`, () => {
    for (const { title } of claimsOf(policy))
      test(title, async () => {
        await ask("examine", { policy, title });
      });
  });

test("a claim that is broken on XS is found there", async () => {
  await node.send("examiner", "examine", { policy: "round-robin", title: "puts HIGH before MEDIUM before LOW" });
  await node.worker.ask({ op: "advance", to: Number((await node.worker.ask({ op: "now" })).micros) });
  expect(node.logs.splice(0)).toEqual([expect.stringContaining("wanted HIGH, MEDIUM, LOW")]);
});

/** Steps of one plan when everything has settled. */
async function stepsEach(load: Omit<Load, "plans">): Promise<number> {
  const [few, many] = [await ask("plan", { ...load, plans: 2 }), await ask("plan", { ...load, plans: 12 })];
  return Math.round((many - few) / 10);
}

interface Row {
  readonly policy: string;
  readonly steps: readonly number[];
}

function readDocument(): string {
  return readFileSync(resolve(import.meta.dirname, "../docs/SCHEDULERS.md"), "utf8");
}

/** The table of costs in the document: policy, and the steps of a plan for each of its columns. */
function readCosts(): Row[] {
  const rows = [
    ...readDocument().matchAll(/^\| `([a-z-]+)`[^|]*\| ([\d,]+) \|[^|]+\| ([\d,]+) \|[^|]+\| ([\d,]+) \|/gm),
  ];
  return rows.map(([, policy = "", ...steps]) => ({
    policy,
    steps: steps.map((each) => Number(each.replace(",", ""))),
  }));
}

const documented = ["round-robin", "priority", "deadline"];
const loads = [
  { services: 16, ready: 2 },
  { services: 20, ready: 10 },
  { services: 100, ready: 100 },
];

/** Collections cost steps too, and come when they come: what is further off than a fifth is not what the document says. */
function expectAbout(written: readonly Row[], measured: readonly Row[]): void {
  const shares = measured.map(({ policy, steps }) => {
    const row = written.find((each) => each.policy === policy);
    return { policy, off: steps.map((each, column) => Math.abs((row?.steps[column] ?? Number.NaN) / each - 1)) };
  });
  const isOff = shares.some(({ off }) => off.some((share) => !(share <= 0.2)));
  expect(isOff ? written : []).toEqual(isOff ? measured : []);
}

test("a plan costs about as many steps as the document says", async () => {
  const measured: Row[] = [];
  for (const policy of documented) {
    const steps: number[] = [];
    for (const load of loads) steps.push(await stepsEach({ ...load, policy, isDue: false }));
    measured.push({ policy, steps });
  }
  expectAbout(readCosts(), measured);
});

test("ordering by deadlines costs about as many steps as the document says", async () => {
  const load = { policy: "deadline", services: 20, ready: 10 };
  const steps = [await stepsEach({ ...load, isDue: true })];
  for (const ready of [10, 16, 100]) {
    const crowd = { policy: "deadline", services: ready, ready, plans: 1 };
    steps.push((await ask("plan", { ...crowd, isDue: true })) - (await ask("plan", { ...crowd, isDue: false })));
  }
  const number = "([\\d,]+)";
  const sentence = `With them ten calls cost ${number} steps.* takes: ${number} steps for ten, ${number} for sixteen and ${number} for a hundred`;
  const [, ...written] = new RegExp(sentence).exec(readDocument().replace(/\s+/g, " ")) ?? [];
  expectAbout(
    [{ policy: "deadline", steps: written.map((each) => Number(each.replace(",", ""))) }],
    [{ policy: "deadline", steps }],
  );
});

test("planning does not let memory grow", async () => {
  for (const policy of policies) {
    const load = { policy, services: 16, ready: 12, isDue: true };
    await ask("plan", { ...load, plans: 100 });
    const before = await node.worker.ask({ op: "measure", node: 0 });
    await ask("plan", { ...load, plans: 10_000 });
    const after = await node.worker.ask({ op: "measure", node: 0 });
    expect({ policy, bytes: after.bytes }).toEqual({ policy, bytes: before.bytes });
  }
});
