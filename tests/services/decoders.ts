// Every decoder of wire/ on bytes that nobody should trust, for the fuzzer (hosts/xs/fuzz/wire_fuzz.c). The first byte says
// which. To refuse is to throw a WireError; whatever else comes out is a bug, and so is a document that does not come back.

import { defineService } from "lughos";
import { type Birth, decodeBirth, decodeDeath, encodeBirth, encodeDeath } from "wire/birth";
import { decode, encode } from "wire/cbor";
import { diagnose } from "wire/cbor-diagnostic";
import { decodeCommand, decodeReply, encodeCommand, encodeReply } from "wire/command";
import { WireError } from "wire/error";
import { decodeEvent, encodeEvent } from "wire/event";
import { buildGreeting } from "wire/greeting";
import { mqttLimits } from "wire/limits";
import { decodeLog, encodeLog } from "wire/log";
import { encodePacket, type Packet } from "wire/mqtt-packet";
import { MqttSession } from "wire/mqtt-session";
import { PacketStream } from "wire/mqtt-stream";
import { decodeSenml, encodeSenml } from "wire/senml";
import { formatSenmlJson, parseSenmlJson } from "wire/senml-json";
import { resolveSenml } from "wire/senml-resolve";
import { decodeState, encodeState } from "wire/state";
import { decodeTelemetry, encodeTelemetry } from "wire/telemetry";
import { buildTopic, parseTopic } from "wire/topics";
import { packTrace, unpackTrace } from "wire/trace";
import { compareUtf8, measureUtf8, readUtf8, writeUtf8 } from "wire/utf8";

const name = { site: "toledo", node: "node-1" };

const birth: Birth = {
  ...name,
  session: 1,
  model: "fuzz",
  firmware: "0",
  engine: "any",
  timeMicros: 0,
  services: [],
  metrics: [],
  declaredVolts: 230,
  insecureCommands: false,
};

const decoders: readonly ((bytes: Uint8Array) => void)[] = [
  (bytes) => expectSame(encode(decode(bytes)), bytes),
  (bytes) => void diagnose(bytes),
  decodeText,
  decodePack,
  (bytes) => void parseSenmlJson(textOf(bytes)),
  (bytes) => void encodeTelemetry(name, decodeTelemetry(name, bytes)),
  (bytes) => expectStable(bytes, decodeBirth, encodeBirth),
  (bytes) => expectStable(bytes, decodeDeath, encodeDeath),
  (bytes) => expectStable(bytes, decodeEvent, encodeEvent),
  (bytes) => expectStable(bytes, decodeState, encodeState),
  (bytes) => expectStable(bytes, decodeLog, encodeLog),
  (bytes) => expectStable(bytes, decodeCommand, encodeCommand),
  (bytes) => expectStable(bytes, decodeReply, encodeReply),
  (bytes) => void packTrace(unpackTrace(decode(bytes))),
  decodeTopic,
  decodeStream,
  liveThrough,
];

function textOf(bytes: Uint8Array): string {
  return readUtf8(bytes, 0, bytes.length);
}

function decodeText(bytes: Uint8Array): void {
  const text = textOf(bytes);
  const again = new Uint8Array(measureUtf8(text));
  writeUtf8(text, again, 0);
  expectSame(again, bytes);
  if (compareUtf8(text, textOf(again)) !== 0) throw new Error("a text is not equal to itself");
}

function decodePack(bytes: Uint8Array): void {
  const pack = decodeSenml(bytes);
  encodeSenml(pack);
  formatSenmlJson(resolveSenml(pack, 1_000_000_000));
}

function decodeTopic(bytes: Uint8Array): void {
  const text = textOf(bytes);
  const topic = parseTopic(text);
  if (buildTopic(topic, topic.kind) !== text) throw new Error("a topic is built otherwise than it was parsed");
}

/** What a decoder takes in, its encoder must write so that the decoder takes in the same. */
function expectStable<Payload>(
  bytes: Uint8Array,
  read: (bytes: Uint8Array) => Payload,
  write: (payload: Payload) => Uint8Array,
): void {
  const written = write(read(bytes));
  expectSame(write(read(written)), written);
}

function expectSame(found: Uint8Array, wanted: Uint8Array): void {
  let isSame = found.length === wanted.length;
  for (let index = 0; isSame && index < found.length; index++) isSame = found[index] === wanted[index];
  if (!isSame) throw new Error(`a document came back as other bytes: ${found.join()} instead of ${wanted.join()}`);
}

/** In pieces of as many bytes as the first one says. Whatever packet comes out, written again, comes out again. */
function decodeStream(bytes: Uint8Array): void {
  const stream = new PacketStream(mqttLimits.incomingBytes);
  const step = (bytes[0] ?? 0) + 1;
  for (let start = 1; start < bytes.length; start += step) {
    stream.push(bytes.subarray(start, start + step));
    for (let packet = stream.take(); packet !== null; packet = stream.take())
      if (packet.type !== "oversized") writeAgain(packet);
  }
}

function writeAgain(packet: Packet): void {
  const written = encodePacket(packet);
  const stream = new PacketStream(mqttLimits.incomingBytes);
  stream.push(written);
  const again = stream.take();
  if (again === null || again.type === "oversized") throw new Error("an own packet is not understood");
  expectSame(encodePacket(again), written);
}

/** A session with a broker that says these bytes, with one that closes, and with one that says them again. */
function liveThrough(bytes: Uint8Array): void {
  const session = new MqttSession({ clientId: "node-1", keepAliveSeconds: 20 }, () => 0.5);
  const accepted = encodePacket({ type: "connack", sessionPresent: true, returnCode: 0 });
  session.start(0);
  session.subscribe("lugh/1/toledo/node-1/command", 1, 0);
  for (let connection = 1; connection <= 2; connection++) {
    const openedMicros = connection * 20e6;
    session.opened(connection, buildGreeting(birth), openedMicros);
    session.received(connection, accepted, openedMicros);
    for (let token = 0; token < 4; token++)
      session.publish({ topic: "t", payload: bytes, qos: 1, retain: false, priority: "LOW", token }, openedMicros);
    session.received(connection, bytes, openedMicros + 1);
    session.closed(connection, "cut", openedMicros + 2);
    session.tick(openedMicros + 19e6);
    session.takeActions();
  }
}

export default defineService({
  version: "1.0.0",
  receive: {
    decode(bytes: Uint8Array) {
      try {
        decoders[(bytes[0] ?? 0) % decoders.length]?.(bytes.subarray(1));
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    },
    /** Asks for a module of any name. It was granted none but this one. */
    async resolve(bytes: Uint8Array) {
      let specifier = "";
      for (const byte of bytes) specifier += String.fromCharCode(byte);
      if (specifier === "tests/services/decoders") return;
      try {
        await import(specifier);
      } catch {
        return;
      }
      throw new Error(`"${specifier}" was imported, though it was not granted`);
    },
  },
});
