// Does the kernel, on the real engine, deliver what it promises? Each test boots a node with a table of its own in virtual
// time, tells talkers what to do and reads what they tell the probe.

import { afterEach, expect, test } from "@jest/globals";
import type { ServiceEntry, SystemTable } from "kernel/mod";
import { BenchNode } from "sim/bench/node";
import { findArtifacts } from "sim/project";

let node: BenchNode;

afterEach(async () => {
  await node.stop();
});

const toProbe = { to: "probe", priority: "HIGH" } as const;

function talker(name: string, more: Partial<ServiceEntry> = {}): ServiceEntry {
  return {
    name,
    module: "tests/services/talker",
    memoryBytes: 65_536,
    budgetSteps: 100_000,
    mailbox: 8,
    ...more,
    sends: [toProbe, ...(more.sends ?? [])],
  };
}

async function boot(...services: ServiceEntry[]): Promise<void> {
  await bootTable({ services });
}

async function bootTable(table: SystemTable): Promise<void> {
  node = new BenchNode({ artifacts: findArtifacts("tests"), isVirtual: true });
  await node.boot(table);
}

let now = 0;

async function advance(millis: number): Promise<void> {
  now = Number((await node.worker.ask({ op: "now" })).micros) + millis * 1000;
  await node.worker.ask({ op: "advance", to: now });
}

test("send() beyond the receiver's mailbox answers full, and what was sent before arrives in order", async () => {
  await boot(talker("a", { sends: [{ to: "b", priority: "HIGH" }] }), talker("b", { mailbox: 2 }));
  const send = (message: number): object => ({ verb: "send", to: "b", type: "note", message });
  await node.send("a", "do", [send(1), send(2), send(3)]);
  await advance(0);
  const received = [];
  for (let count = 0; count < 5; count++) received.push((await node.next()).body);
  expect(received.filter((each) => typeof each === "string")).toEqual(["sent", "sent", "full"]);
  expect(received.filter((each) => typeof each === "object")).toMatchObject([{ message: 1 }, { message: 2 }]);
});
