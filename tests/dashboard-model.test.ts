// Does the page tell the truth about the fleet: who lives, what is current, what happened? The model is pure, so the tests
// feed it messages as they come from wire/ and say what time it is.

import { beforeEach, expect, test } from "@jest/globals";
import { columns } from "dashboard/page/columns";
import { maxFaults, maxLogLines, maxNodes, maxNotices } from "dashboard/page/limits";
import { filters, type Message, readMessage } from "dashboard/page/messages";
import { Fleet } from "dashboard/page/model";
import { isCurrent, type NodeRecord, presentSeconds, statusOf } from "dashboard/page/node-record";
import { showFrequency, showStatus, showVoltage } from "dashboard/page/shown";
import { type Birth, encodeBirth, encodeDeath } from "wire/birth";
import { encodeReply } from "wire/command";
import { type EventReport, encodeEvent } from "wire/event";
import { encodeFault, type FaultReport } from "wire/fault";
import { encodeLog } from "wire/log";
import { encodeState, type ServiceState } from "wire/state";
import { encodeTelemetry, type Telemetry } from "wire/telemetry";
import { buildTopic, parseNodeName, type TopicKind } from "wire/topics";

const name = "toledo/node-1";
const noon = Date.UTC(2026, 0, 1, 12);

let fleet: Fleet;
let nowMillis = noon;

beforeEach(() => {
  fleet = new Fleet();
  nowMillis = noon;
});

/** What came over the wire, through the page's own reading of it. */
function hear(kind: TopicKind, payload: Uint8Array, { of = name, isRetained = false } = {}): void {
  const message = readMessage(buildTopic(parseNodeName(of), kind), payload, isRetained);
  if (message.kind === "misunderstood") throw new Error(message.what);
  fleet.apply(message, nowMillis);
}

function birth(changed: Partial<Birth> = {}, of = name): Uint8Array {
  return encodeBirth({
    session: 1,
    ...parseNodeName(of),
    model: "simulated",
    firmware: "0.1.0",
    engine: "XS 13.3.0",
    timeMicros: 1,
    services: [],
    metrics: [],
    declaredVolts: 230,
    insecureCommands: false,
    ...changed,
  });
}

function telemetry(changed: Partial<Telemetry> = {}, of = name): Uint8Array {
  return encodeTelemetry(parseNodeName(of), {
    timeMicros: nowMillis * 1_000,
    timeQualityMicros: 100,
    sequence: 1,
    u1: 230,
    u2: 231,
    u3: 229,
    f: 50,
    flagged: false,
    ...changed,
  });
}

function event(changed: Partial<EventReport> = {}): Uint8Array {
  return encodeEvent({
    kind: "dip",
    phase: "begin",
    id: 1,
    lines: [1],
    startMicros: noon * 1_000,
    timeQualityMicros: 100,
    durationMicros: changed.phase === "end" ? 400_000 : null,
    extreme: 150,
    unit: "V",
    sequence: 1,
    historical: false,
    ...changed,
  });
}

function state(changed: Partial<ServiceState> = {}): Uint8Array {
  const service = { name: "sensor", version: "1.0.0", state: "running", restarts: 0, generation: 1, lastFault: null };
  const costs = { dispatches: 1, runMicros: 1, bytes: 9_000, queued: 0, refused: 0, replaced: 0 };
  return encodeState({
    session: 1,
    timeMicros: 1,
    uptimeMicros: 60_000_000,
    scheduler: "priority",
    services: [{ ...service, ...costs, ...changed }],
    outbox: { queued: 0, inFlight: 0, stored: 0, dropped: 0 },
    storage: null,
    journal: null,
    boot: { state: "blank", reason: "" },
  });
}

function node(of = name): NodeRecord {
  const found = fleet.nodes.get(of);
  if (found === undefined) throw new Error(`wanted ${of}`);
  return found;
}

function fault(changed: Partial<FaultReport> = {}): Uint8Array {
  return encodeFault({
    sequence: 1,
    timeMicros: noon * 1_000,
    timeQualityMicros: null,
    service: "sensor",
    version: "1.0.0",
    generation: 1,
    kind: "threw",
    reason: "TypeError: no",
    messageType: "block",
    bytes: 9_000,
    memoryBytes: 65_536,
    steps: 12,
    budgetSteps: 1_000,
    isReplaced: false,
    isEarlier: false,
    trace: [1, 2, 3],
    ...changed,
  });
}

test("reports of faults are kept once each, newest first, without their traces", () => {
  hear("birth", birth());
  for (let sequence = 1; sequence <= maxFaults + 2; sequence++) hear("fault", fault({ sequence }));
  hear("fault", fault({ sequence: maxFaults + 2 }));
  expect(node().faults).toHaveLength(maxFaults);
  expect(node().faults[0]).toMatchObject({ sequence: maxFaults + 2, service: "sensor", trace: null });
  // A node that lost its count begins at 1 again, later.
  hear("fault", fault({ timeMicros: (noon + 60_000) * 1_000 }));
  expect(node().faults[0]).toMatchObject({ sequence: 1 });
});

test("a node in safe mode is said to be in it, whatever it measured before, and is told as news", () => {
  hear("birth", birth());
  hear("telemetry", telemetry());
  hear("birth", birth({ session: 2, isSafeMode: true }));
  nowMillis += 60_000;
  expect(showStatus(node(), nowMillis).text).toBe("▲ safe mode");
  expect(fleet.notices.map(({ text }) => text)).toContain("came up in safe mode: it measures nothing");
  hear("birth", birth({ session: 3 }));
  expect(showStatus(node(), nowMillis).text).toMatch(/^● alive/);
});

test("expected node that never spoke is counted as never seen", () => {
  fleet = new Fleet([name]);
  expect(fleet.summary(nowMillis)).toMatchObject({ nodes: 1, counts: { unknown: 1, alive: 0 } });
  expect(showStatus(node(), nowMillis).text).toBe("○ never seen");
});

test("node with a birth and a fresh reading is alive, and its values are current", () => {
  hear("birth", birth());
  hear("telemetry", telemetry());
  expect(statusOf(node(), nowMillis)).toBe("alive");
  expect(isCurrent(node(), nowMillis)).toBe(true);
  expect(node().reading?.u2).toBe(231);
});

test("node that falls silent goes stale after five seconds, with the age of its reading", () => {
  hear("birth", birth());
  hear("telemetry", telemetry());
  nowMillis += 5_000;
  expect(statusOf(node(), nowMillis)).toBe("alive");
  nowMillis += 7_000;
  expect(statusOf(node(), nowMillis)).toBe("stale");
  expect(isCurrent(node(), nowMillis)).toBe(false);
  expect(showStatus(node(), nowMillis).text).toBe("◐ stale 12 s");
});

test("node that lives but whose sensor is silent shows no current values", () => {
  hear("birth", birth());
  hear("telemetry", telemetry());
  nowMillis += 8_000;
  hear("state", state());
  expect(statusOf(node(), nowMillis)).toBe("alive");
  expect(isCurrent(node(), nowMillis)).toBe(false);
  expect(showStatus(node(), nowMillis).text).toBe("● alive 8 s");
});

test("retained birth alone is no sign of life", () => {
  hear("birth", birth(), { isRetained: true });
  expect(statusOf(node(), nowMillis)).toBe("stale");
  expect(fleet.notices).toHaveLength(0);
});

test("death ends its own session, telemetry does not bring it back, and a higher birth does", () => {
  hear("birth", birth({ session: 4 }));
  hear("telemetry", telemetry());
  hear("death", encodeDeath({ session: 4 }));
  expect(statusOf(node(), nowMillis)).toBe("dead");
  nowMillis += 1_000;
  hear("telemetry", telemetry());
  expect(statusOf(node(), nowMillis)).toBe("dead");
  expect(isCurrent(node(), nowMillis)).toBe(false);
  hear("birth", birth({ session: 5 }));
  expect(statusOf(node(), nowMillis)).toBe("alive");
  expect(fleet.notices.map(({ text }) => text)).toEqual(["born, session 5", "died, session 4", "born, session 4"]);
});

test("death of an earlier session that comes late changes nothing", () => {
  hear("birth", birth({ session: 5 }));
  hear("telemetry", telemetry());
  hear("death", encodeDeath({ session: 4 }));
  expect(statusOf(node(), nowMillis)).toBe("alive");
  expect(fleet.notices.map(({ text }) => text)).toEqual(["born, session 5"]);
});

test("birth of an earlier session does not replace what is known", () => {
  hear("birth", birth({ session: 5, firmware: "2.0.0" }));
  hear("birth", birth({ session: 4, firmware: "1.0.0" }), { isRetained: true });
  expect(node().birth?.firmware).toBe("2.0.0");
});

test("repeated reading is kept once, and a late one takes its place in time without becoming current", () => {
  hear("birth", birth());
  hear("telemetry", telemetry({ timeMicros: noon * 1_000, u1: 1 }));
  hear("telemetry", telemetry({ timeMicros: (noon + 2_000) * 1_000, u1: 3 }));
  hear("telemetry", telemetry({ timeMicros: (noon + 2_000) * 1_000, u1: 3 }));
  hear("telemetry", telemetry({ timeMicros: (noon + 1_000) * 1_000, u1: 2 }));
  const { series, reading } = node();
  expect(Array.from({ length: series.length }, (_, index) => series.value("u1", index))).toEqual([1, 2, 3]);
  expect(reading?.u1).toBe(3);
});

test("reading marked historical fills the past and never looks current", () => {
  hear("birth", birth());
  hear("telemetry", telemetry({ historical: true, u1: 7 }));
  expect(node().reading).toBeNull();
  expect(node().series.length).toBe(1);
});

test("readings from a clock that ran ahead do not hide the true ones after it", () => {
  hear("birth", birth());
  hear("telemetry", telemetry({ timeMicros: (noon + 86_400_000) * 1_000, u1: 1 }));
  hear("telemetry", telemetry({ timeMicros: noon * 1_000, u1: 2 }));
  expect(node().reading?.u1).toBe(2);
  expect(node().series.length).toBe(1);
});

test("frequency that is invalid is said to be so, in words", () => {
  hear("birth", birth());
  expect(showFrequency(node()).text).toBe("–");
  hear("telemetry", telemetry({ f: null, u1: 3 }));
  expect(showFrequency(node())).toMatchObject({ text: "invalid" });
});

test.each([
  [230, "230.0", undefined],
  [254, "▲ 254.0", "high"],
  [206, "▼ 206.0", "low"],
  [null, "–", undefined],
])("voltage %s of 230 V declared is shown as %s", (u1, text, tone) => {
  hear("birth", birth());
  hear("telemetry", telemetry({ u1 }));
  const shown = showVoltage(node(), "u1");
  expect(shown.text).toBe(text);
  expect(shown.tone).toBe(tone);
});

test("present moves on after the last reading, so that the line of a dead node leaves the chart", () => {
  hear("telemetry", telemetry({ timeMicros: 1_000_000_000 }));
  expect(presentSeconds(node(), nowMillis + 30_000)).toBeCloseTo(1_030, 3);
});

test("record time is that of the newest reading that says one", () => {
  hear("telemetry", telemetry({ worldTime: "2025-04-28T12:33:20+02:00" }));
  nowMillis += 1_000;
  hear("telemetry", telemetry());
  expect(fleet.summary(nowMillis).worldTime).toBe("2025-04-28T12:33:20+02:00");
});

test("beginning and end with one id are one event with its duration", () => {
  hear("event", event());
  expect(fleet.summary(nowMillis)).toMatchObject({ ongoingEvents: 1, eventsLastMinute: 1 });
  hear("event", event({ phase: "end", extreme: 90 }));
  expect(fleet.summary(nowMillis)).toMatchObject({ ongoingEvents: 0, eventsLastMinute: 1 });
  expect(node().events).toMatchObject([{ progress: "over", durationMicros: 400_000, extreme: 90 }]);
});

test("end that comes before its beginning stays the end", () => {
  hear("event", event({ phase: "end" }));
  hear("event", event());
  expect(node().events).toMatchObject([{ progress: "over" }]);
});

test("events of one kind that begin together at many nodes are one incident with the worst and the longest", () => {
  for (let index = 1; index <= 24; index += 1) {
    const startMicros = noon * 1_000 + index * 10_000;
    hear("event", event({ id: index, startMicros, extreme: 200 - index }), { of: `toledo/node-${index}` });
  }
  hear("event", event({ kind: "swell", id: 90, extreme: 280 }));
  hear("event", event({ id: 91, startMicros: (noon + 60_000) * 1_000 }));
  const incidents = fleet.incidents.list;
  expect(incidents.map(({ kind, events }) => [kind, events.size])).toEqual([
    ["dip", 1],
    ["dip", 24],
    ["swell", 1],
  ]);
  expect(incidents[1]).toMatchObject({ ongoing: 24, worst: 176 });
  const end = event({ phase: "end", id: 3, startMicros: noon * 1_000 + 30_000, durationMicros: 2_500_000 });
  hear("event", end, { of: "toledo/node-3" });
  expect(incidents[1]).toMatchObject({ ongoing: 23, longestMicros: 2_500_000 });
});

test("event of a node that dies is no longer called ongoing, until the node tells its end after all", () => {
  hear("birth", birth());
  hear("event", event());
  hear("death", encodeDeath({ session: 1 }));
  expect(fleet.summary(nowMillis).ongoingEvents).toBe(0);
  expect(node().events[0]?.progress).toBe("lost");
  hear("event", event({ phase: "end", historical: true }));
  expect(node().events[0]?.progress).toBe("over");
  expect(fleet.incidents.ongoing).toBe(0);
});

test("events leave the last minute", () => {
  hear("event", event());
  expect(fleet.summary(nowMillis + 58_000).eventsLastMinute).toBe(1);
  expect(fleet.summary(nowMillis + 62_000).eventsLastMinute).toBe(0);
});

test("restart of a service is told with its fault, and counted; a retained state tells nothing new", () => {
  hear("state", state({ restarts: 2 }), { isRetained: true });
  expect(fleet.notices).toHaveLength(0);
  hear("state", state({ restarts: 3, lastFault: "out-of-budget" }));
  expect(fleet.notices).toMatchObject([{ node: name, text: "sensor restarted after out-of-budget" }]);
  expect(node().restarts).toBe(3);
});

test("message rate is messages a second", () => {
  for (let second = 0; second < 20; second += 1) {
    hear("telemetry", telemetry({ timeMicros: (noon + second * 1_000) * 1_000 }));
    hear("log", encodeLog({ timeMicros: 1, level: "info", service: "sensor", text: "x" }));
    nowMillis += 1_000;
  }
  expect(node().messages.perSecond(nowMillis)).toBe(2);
  expect(node().messages.perSecond(nowMillis + 60_000)).toBe(0);
});

test("insecure node that is not dead makes the whole fleet insecure", () => {
  hear("birth", birth({ insecureCommands: true }));
  expect(fleet.summary(nowMillis).isInsecure).toBe(true);
  hear("death", encodeDeath({ session: 1 }));
  expect(fleet.summary(nowMillis).isInsecure).toBe(false);
});

test("what the page holds is bounded however much comes", () => {
  const message = (index: number): Message => ({
    node: `flood/node-${index}`,
    isRetained: false,
    kind: "death",
    session: 1,
  });
  for (let index = 0; index < maxNodes; index += 1) fleet.apply(message(index), nowMillis);
  expect(fleet.apply(message(maxNodes), nowMillis)).toBe(false);
  expect(fleet.nodes.size).toBe(maxNodes);
  fleet = new Fleet();
  for (let index = 1; index < 500; index += 1) {
    hear("birth", birth({ session: index }));
    hear("log", encodeLog({ timeMicros: index, level: "info", service: "sensor", text: "x".repeat(1_000) }));
  }
  expect(fleet.notices).toHaveLength(maxNotices);
  expect(node().log).toHaveLength(maxLogLines);
  expect(node().log[0]?.timeMicros).toBe(499);
});

test("page listens to what nodes say and not to what is said to them", () => {
  expect(filters).toContain("lugh/1/+/+/reply");
  expect(filters.some((filter) => filter.endsWith("/command") || filter.endsWith("/update"))).toBe(false);
});

test.each([
  ["noise", buildTopic(parseNodeName(name), "telemetry"), new Uint8Array([0xff, 0x00, 0x13])],
  ["another shape", buildTopic(parseNodeName(name), "birth"), encodeReply({ requestId: "1", ok: true, result: null })],
  ["a birth of another node", buildTopic(parseNodeName("toledo/node-2"), "birth"), birth()],
  ["telemetry of another node", buildTopic(parseNodeName("toledo/node-2"), "telemetry"), telemetry({ timeMicros: 1 })],
  ["a foreign topic", "lugh/1/toledo/<img src=x>/birth", birth()],
  ["no bytes", buildTopic(parseNodeName(name), "state"), new Uint8Array(0)],
])("%s is misunderstood and nothing more", (_what, topic, payload) => {
  expect(readMessage(topic, payload, false)).toMatchObject({ kind: "misunderstood" });
});

test("two messages that fail in the same way are one kind of misunderstanding", () => {
  const topic = buildTopic(parseNodeName(name), "death");
  const one = readMessage(topic, encodeReply({ requestId: "1", ok: true, result: 7 }), false);
  const other = readMessage(topic, encodeReply({ requestId: "2", ok: true, result: "x" }), false);
  expect(one).toEqual(other);
  expect(one).toMatchObject({ kind: "misunderstood", what: expect.stringContaining("wanted") });
});

test("columns sort node-9 before node-10 and what is not alive before what is", () => {
  fleet = new Fleet(["toledo/node-10", "toledo/node-9"]);
  hear("birth", birth({}, "toledo/node-10"), { of: "toledo/node-10" });
  const keys = (key: string, of: string): number | string =>
    columns.find((column) => column.key === key)?.sortKey(node(of), nowMillis) ?? "";
  expect(keys("name", "toledo/node-9") < keys("name", "toledo/node-10")).toBe(true);
  expect(keys("state", "toledo/node-9") < keys("state", "toledo/node-10")).toBe(true);
});
