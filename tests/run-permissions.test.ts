// Does the machine layer refuse what a service's entry does not grant, naming the flag that would? And does a desk's host see
// what it needs: stand-ins that answer in virtual time, publications, wishes that somebody grants?

import { afterEach, expect, test } from "@jest/globals";
import { answers } from "kernel/host";
import type { ServiceEntry } from "kernel/mod";
import { findArtifacts } from "sim/project";
import { type SimWorker, startWorker, type Wish, type WorkerEvent } from "sim/worker";
import { call, type Step, send, talker, to } from "tests/kernel-node";
import { decode } from "wire/cbor";

let worker: SimWorker;
let events: WorkerEvent[] = [];

afterEach(async () => {
  await worker.stop();
});

interface Desk {
  readonly standIns?: readonly string[];
  /** A second service of that name. */
  readonly other?: Partial<ServiceEntry>;
  readonly permit?: (wish: Wish) => Promise<boolean>;
}

async function boot(entry: Partial<ServiceEntry>, { standIns = [], other, permit }: Desk = {}): Promise<void> {
  events = [];
  const services = [talker("meter", entry), ...(other === undefined ? [] : [talker("other", other)])];
  worker = startWorker({
    ...findArtifacts("tests"),
    isVirtual: true,
    onEvent: (event) => events.push(event),
    ...(permit === undefined ? {} : { permit }),
  });
  await worker.ask({
    op: "boot",
    node: 0,
    name: "desk",
    probe: true,
    standIns,
    watch: true,
    configuration: { table: { services }, ports: standIns, configuration: {} },
  });
}

/** What came of the steps, as far as they have come when nothing more happens now. */
async function perform(...steps: Step[]): Promise<unknown[]> {
  await worker.ask({ op: "send", node: 0, service: "meter", type: "do", body: steps });
  await advance(0);
  return events.filter(({ event }) => event === "probe").map(({ body }) => decode(body as Uint8Array));
}

async function advance(millis: number, pauses = false): Promise<number> {
  const to = Number((await worker.ask({ op: "now" })).micros) + millis * 1000;
  return Number((await worker.ask({ op: "advance", to, pauses })).micros);
}

function logs(): (string | undefined)[] {
  return events.filter(({ event }) => event === "log").map(({ text }) => text);
}

test.each([
  [send("updater", "go"), 'NotCapable: "meter" needs channel "updater"; grant it with --allow-send=updater'],
  [call("updater", "go"), 'NotCapable: "meter" needs channel "updater"; grant it with --allow-call=updater'],
  [call("adc0", "read"), 'NotCapable: "meter" needs device "adc0"; grant it with --allow-device=adc'],
  [send("serial12", "go"), 'NotCapable: "meter" needs device "serial12"; grant it with --allow-device=serial'],
  [send("gpios", "go"), 'NotCapable: "meter" needs channel "gpios"; grant it with --allow-send=gpios'],
  [
    { verb: "publish", to: "news", message: 1 },
    'NotCapable: "meter" needs topic "news"; grant it with --allow-publish=news',
  ],
  [
    { verb: "subscribe", to: "waveform", type: "note" },
    'NotCapable: "meter" needs topic "waveform"; grant it with --allow-subscribe=waveform',
  ],
])("%j is refused, and the log names the flag", async (step, line) => {
  await boot({});
  const [result] = await perform(step);
  expect(["not-capable", { refused: "not-capable" }]).toContainEqual(result);
  expect(logs()).toEqual([line]);
});

test("a send above the granted priority is refused, and the log says both", async () => {
  await boot({ sends: to(["reporter"], "LOW") }, { standIns: ["reporter"] });
  expect(await perform(send("reporter", "go", null, { priority: "HIGH" }))).toEqual(["not-capable"]);
  expect(logs()).toEqual(['NotCapable: "meter" needs "reporter" at HIGH; its entry grants LOW']);
});

test("a call to a stand-in stops the clock at its moment, and its reply arrives at that moment", async () => {
  await boot({ calls: to(["adc0"]) }, { standIns: ["adc0"] });
  await worker.ask({ op: "send", node: 0, service: "meter", type: "do", body: [call("adc0", "read", { line: 1 })] });
  expect(await advance(500, true)).toBe(0);
  const message = events.find(({ event }) => event === "message") as WorkerEvent;
  expect(message).toMatchObject({ port: "adc0", type: "read", isCall: true, micros: 0 });
  expect(decode(message.body as Uint8Array)).toEqual({ line: 1 });
  await advance(300);
  await worker.ask({ op: "reply", node: 0, token: message.token, body: { value: 7 } });
  expect(await perform()).toEqual([{ value: 7 }]);
});

test("a stand-in refuses a call with every answer there is", async () => {
  await boot({ calls: to(["adc0"]) }, { standIns: ["adc0"] });
  for (let answer = 1; answer < answers.length; answer++) {
    await perform(call("adc0", "read"));
    const { token } = events.filter(({ event }) => event === "message").at(-1) as WorkerEvent;
    await worker.ask({ op: "refuse", node: 0, token, answer });
    expect((await perform()).at(-1)).toEqual({ refused: answers[answer] });
  }
});

test("a publication is shown when it went out, and not when a fault took it back", async () => {
  await boot({ publishes: to(["news"]) });
  await perform({ verb: "publish", to: "news", message: { n: 1 } });
  await perform({ verb: "publish", to: "news", message: { n: 2 } }, { verb: "throw" });
  const published = events.filter(({ event }) => event === "published");
  expect(published.map(({ topic, body }) => [topic, decode(body as Uint8Array)])).toEqual([["news", { n: 1 }]]);
});

test("the first start of a service begins from the state of its entry, and what it handles is told", async () => {
  await boot({ calls: to(["other"]) }, { other: { state: { count: 7 } } });
  expect(await perform(call("other", "committed"))).toEqual([{ count: 7 }]);
  expect(events.filter(({ event }) => event === "handled").map(({ type }) => type)).toEqual(["do", "committed"]);
});

test("what somebody at the desk allows is granted from then on, and asked once", async () => {
  const wishes: Wish[] = [];
  await boot({}, { permit: async (wish) => wishes.push(wish) > 0 });
  expect(await perform(send("reporter", "one"), send("reporter", "two"))).toEqual(["sent", "sent"]);
  expect(wishes).toMatchObject([{ service: "meter", permission: "send", name: "reporter" }]);
  const received = events.filter(({ event }) => event === "message").map(({ port, type }) => [port, type]);
  expect(received).toEqual([
    ["reporter", "one"],
    ["reporter", "two"],
  ]);
  expect(logs()).toEqual([]);
});

test("what nobody at the desk allows is refused as on a node, and asked again", async () => {
  const wishes: Wish[] = [];
  await boot({}, { permit: async (wish) => wishes.push(wish) < 0 });
  expect(await perform(send("reporter", "one"), { verb: "publish", to: "news" })).toEqual([
    "not-capable",
    "not-capable",
  ]);
  expect(wishes.map(({ permission, name }) => [permission, name])).toEqual([
    ["send", "reporter"],
    ["publish", "news"],
  ]);
  expect(logs()).toHaveLength(2);
});
