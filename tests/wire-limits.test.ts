// Do the limits agree with each other? One that exceeds what another lets through could never be reached, or would promise
// what cannot be kept.

import { expect, test } from "@jest/globals";
import type { Birth } from "wire/birth";
import { encodeBirth } from "wire/birth";
import { decode, encode } from "wire/cbor";
import * as limits from "wire/limits";
import { encodeLog } from "wire/log";
import { encodePacket } from "wire/mqtt-packet";
import { decodeSenml, encodeSenml } from "wire/senml";
import { encodeState } from "wire/state";
import { encodeTelemetry } from "wire/telemetry";
import { buildTopic, topicKinds } from "wire/topics";

const longestName = "n".repeat(limits.nameLengthMaximum);
const longestWord = "😀".repeat(limits.wordLengthMaximum);
const longestSentence = "😀".repeat(limits.sentenceLengthMaximum);
const greatest = Number.MAX_SAFE_INTEGER;

test("the longest topic name stays below 128 bytes", () => {
  for (const kind of topicKinds)
    expect(buildTopic({ site: longestName, node: longestName }, kind).length).toBeLessThan(128);
});

test("the largest birth fits into one document", () => {
  const birth: Birth = {
    session: greatest,
    node: longestName,
    site: longestName,
    model: longestWord,
    firmware: longestWord,
    engine: longestWord,
    timeMicros: greatest,
    services: Array.from({ length: limits.servicesMaximum }, () => ({ name: longestName, version: longestName })),
    metrics: Array.from({ length: limits.metricsMaximum }, () => ({ name: longestName, unit: longestName })),
    declaredVolts: 0.1,
    insecureCommands: false,
  };
  expect(encodeBirth(birth).length).toBeLessThan(limits.cborLimits.bytes);
});

test("a state of the most services fits into one document, each with a fault of a line", () => {
  const service = {
    name: longestWord,
    version: "😀".repeat(limits.versionLengthMaximum),
    state: "running",
    restarts: greatest,
    generation: greatest,
    lastFault: "x".repeat(256),
    dispatches: greatest,
    runMicros: greatest,
    bytes: greatest,
    queued: greatest,
    refused: greatest,
    replaced: greatest,
  };
  const state = {
    session: greatest,
    timeMicros: greatest,
    uptimeMicros: greatest,
    scheduler: longestWord,
    services: Array.from({ length: limits.servicesMaximum }, () => service),
    outbox: { queued: greatest, inFlight: greatest, stored: greatest, dropped: greatest },
    storage: { state: longestWord, reason: longestSentence, flashLifetimeYears: 1e300 },
    journal: { records: greatest, head: "0".repeat(64) },
    boot: { state: longestWord, reason: longestSentence },
  };
  expect(encodeState(state).length).toBeLessThan(limits.cborLimits.bytes);
});

test("the longest log line, as a packet, is one that a node itself would take", () => {
  const payload = encodeLog({ timeMicros: greatest, level: "warning", service: longestWord, text: longestSentence });
  const topic = buildTopic({ site: longestName, node: longestName }, "log");
  const packet = encodePacket({
    type: "publish",
    topic,
    payload,
    qos: 0,
    retain: false,
    duplicate: false,
    packetId: null,
  });
  expect(packet.length).toBeLessThan(limits.mqttLimits.incomingBytes);
});

test("a pack of as many records as allowed can be written and read, if they are small", () => {
  const pack = Array.from({ length: limits.senmlRecordsMaximum }, (_, index) =>
    index === 0 ? { bn: "a", v: 1 } : { v: 1 },
  );
  expect(() => encodeSenml([...pack, { v: 1 }])).toThrow(`1 to ${limits.senmlRecordsMaximum} records`);
  expect(encodeSenml(pack).length).toBeLessThan(limits.cborLimits.bytes);
  expect(decodeSenml(encodeSenml(pack))).toHaveLength(pack.length);
});

test("the queue of a session holds the largest payload, and its count of readings within its bytes", () => {
  const reading = {
    timeMicros: 1_745_836_400_123_457,
    timeQualityMicros: 1_000_000,
    sequence: greatest,
    u1: 0.1,
    u2: 0.1,
    u3: 0.1,
    f: 0.1,
    flagged: true,
    historical: true,
    worldTime: "2025-04-28T12:33:20.000+02:00",
  };
  const payload = encodeTelemetry({ site: longestName, node: longestName }, reading);
  const { queuedBytes, queuedMessages } = limits.mqttLimits;
  expect(queuedBytes).toBeGreaterThanOrEqual(limits.cborLimits.bytes);
  expect(queuedBytes / payload.length).toBeGreaterThan(queuedMessages);
  expect(queuedMessages).toBeGreaterThan(limits.inFlightMaximum);
});

test("every document that may be written may be read", () => {
  const deep = Array.from({ length: limits.cborLimits.depth }).reduce<unknown>((inner) => [inner], 0);
  const long = new Uint8Array(limits.cborLimits.bytes - 3);
  const wide = new Array(limits.cborLimits.items - 1).fill(0);
  for (const value of [deep, long, wide]) expect(decode(encode(value))).toEqual(value);
});
