// Are MQTT 3.1.1 packets read strictly and written exactly, however the network cuts them?
//
// mosquitto's packet sequences were made for a broker: so a broker's edge stands here, just enough of one to answer each
// packet, and is judged by its answers and by whether it closes. Of the 994 sequences 199 are MQTT 3.1.1 and send
// something; 787 are MQTT 5 and 7 MQTT 3.1, which we do not speak, and one sends nothing. All of them are thrown at our
// client in wire-mqtt-session.test.ts.

import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { createRandom } from "sim/random";
import { type PacketSequence, readSequences } from "tests/wire-mqtt-sequences";
import { hex, mutate, readVector, toHex } from "tests/wire-vectors";
import { WireError } from "wire/error";
import { encodePacket, type Packet } from "wire/mqtt-packet";
import { type OversizedPublish, PacketStream } from "wire/mqtt-stream";

const limitBytes = 65_536;

function readAll(bytes: Uint8Array, chunkBytes = bytes.length): Packet[] {
  const stream = new PacketStream(limitBytes);
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    stream.push(bytes.subarray(at, at + chunkBytes));
    for (let packet = stream.take(); packet !== null; packet = stream.take()) packets.push(within(packet));
  }
  return packets;
}

/** A broker refuses what a client passes over. */
function within(packet: Packet | OversizedPublish): Packet {
  if (packet.type !== "oversized") return packet;
  throw new WireError(`wanted at most ${limitBytes} bytes, found ${packet.lengthBytes}`);
}

/** A broker up to where a broker begins: it answers packets and closes on what a client may not send. */
class BrokerEdge {
  readonly #stream = new PacketStream(limitBytes);
  #isGreeted: boolean;
  isClosed = false;
  readonly answers: string[] = [];

  constructor(isGreeted: boolean) {
    this.#isGreeted = isGreeted;
  }

  receive(bytes: Uint8Array): void {
    try {
      this.#stream.push(bytes);
      for (let packet = this.#stream.take(); packet !== null && !this.isClosed; packet = this.#stream.take())
        this.#handle(within(packet));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.isClosed = true;
    }
  }

  #handle(packet: Packet): void {
    if (this.#isGreeted !== (packet.type !== "connect")) this.isClosed = true;
    else if (packet.type === "connect")
      this.#greet(packet.protocolLevel !== 4 ? 1 : packet.clientId === "" && !packet.cleanSession ? 2 : 0);
    else this.#answer(packet);
  }

  #greet(returnCode: number): void {
    this.#send({ type: "connack", sessionPresent: false, returnCode });
    this.#isGreeted = true;
    this.isClosed = returnCode !== 0;
  }

  #answer(packet: Packet): void {
    switch (packet.type) {
      case "publish":
        if (packet.packetId !== null)
          this.#send({ type: packet.qos === 1 ? "puback" : "pubrec", packetId: packet.packetId });
        break;
      case "pubrec":
        this.#send({ type: "pubrel", packetId: packet.packetId });
        break;
      case "pubrel":
        this.#send({ type: "pubcomp", packetId: packet.packetId });
        break;
      case "subscribe":
        this.#send({
          type: "suback",
          packetId: packet.packetId,
          returnCodes: packet.subscriptions.map(({ qos }) => qos),
        });
        break;
      case "unsubscribe":
        this.#send({ type: "unsuback", packetId: packet.packetId });
        break;
      case "pingreq":
        this.#send({ type: "pingresp" });
        break;
      case "puback":
      case "pubcomp":
        break;
      default:
        this.isClosed = true;
    }
  }

  #send(packet: Packet): void {
    this.answers.push(toHex(encodePacket(packet)));
  }
}

const sequences = readSequences();
const ours = sequences.filter(({ version, sent }) => version === "3.1.1" && sent.length > 0);

test("the 994 sequences are the 199 that apply and 795 that do not", () => {
  const count = (version: PacketSequence["version"]) =>
    sequences.filter((sequence) => sequence.version === version).length;
  expect([sequences.length, ours.length, count("3.1.1"), count("5"), count("3.1")]).toEqual([994, 199, 200, 787, 7]);
});

test.each(ours.map((sequence) => [sequence.title, sequence] as const))(
  "a broker's edge answers and closes as mosquitto: %s",
  (_title, sequence) => {
    const edge = new BrokerEdge(sequence.isGreeted);
    for (const bytes of sequence.sent) edge.receive(bytes);
    expect(edge.answers).toEqual(sequence.answers);
    expect(edge.isClosed).toBe(sequence.closes);
  },
);

const samples: [Packet, string][] = [
  [{ type: "connack", sessionPresent: true, returnCode: 0 }, "20020100"],
  [{ type: "puback", packetId: 258 }, "40020102"],
  [{ type: "pubrec", packetId: 1 }, "50020001"],
  [{ type: "pubrel", packetId: 1 }, "62020001"],
  [{ type: "pubcomp", packetId: 65_535 }, "7002ffff"],
  [
    {
      type: "subscribe",
      packetId: 10,
      subscriptions: [
        { filter: "a/b", qos: 1 },
        { filter: "c/d", qos: 2 },
      ],
    },
    "820e000a0003612f62010003632f6402",
  ],
  [{ type: "suback", packetId: 10, returnCodes: [0, 2, 128] }, "9005000a000280"],
  [{ type: "unsubscribe", packetId: 10, filters: ["a/b", "c/d"] }, "a20c000a0003612f620003632f64"],
  [{ type: "unsuback", packetId: 10 }, "b002000a"],
  [{ type: "pingreq" }, "c000"],
  [{ type: "pingresp" }, "d000"],
  [{ type: "disconnect" }, "e000"],
  [
    { type: "publish", topic: "a/b", payload: hex("01"), qos: 1, retain: true, duplicate: true, packetId: 10 },
    "3b080003612f62000a01",
  ],
  [
    { type: "publish", topic: "a/b", payload: hex(""), qos: 0, retain: false, duplicate: false, packetId: null },
    "30050003612f62",
  ],
  [
    {
      type: "connect",
      protocolLevel: 4,
      clientId: "n",
      cleanSession: false,
      keepAliveSeconds: 10,
      will: { topic: "w", payload: hex("00"), qos: 1, retain: true },
      userName: "u",
      password: hex("ff"),
    },
    "101900044d51545404ec000a00016e000177000100000175" + "0001ff",
  ],
];

test.each(samples)("%j has the bytes %s both ways", (packet, form) => {
  expect(toHex(encodePacket(packet))).toBe(form);
  expect(readAll(hex(form))).toEqual([packet]);
});

test.each([1, 2, 3, 7])("a stream cut into chunks of %i bytes gives the same packets", (chunkBytes) => {
  const whole = samples.map(([, form]) => form).join("");
  expect(readAll(hex(whole), chunkBytes)).toEqual(samples.map(([packet]) => packet));
});

test("lengths of one to four bytes are read and written at their borders (section 2.2.3)", () => {
  for (const bodyLength of [127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
    const packet: Packet = {
      type: "publish",
      topic: "t",
      payload: new Uint8Array(bodyLength - 3),
      qos: 0,
      retain: false,
      duplicate: false,
      packetId: null,
    };
    const bytes = encodePacket(packet);
    const lengthBytes = bodyLength < 128 ? 1 : bodyLength < 16_384 ? 2 : bodyLength < 2_097_152 ? 3 : 4;
    expect(bytes.length).toBe(1 + lengthBytes + bodyLength);
    const stream = new PacketStream(bodyLength);
    stream.push(bytes);
    expect(stream.take()).toMatchObject({ type: "publish", topic: "t", payload: { length: bodyLength - 3 } });
    const narrower = new PacketStream(bodyLength - 1);
    narrower.push(bytes);
    expect(narrower.take()).toEqual({ type: "oversized", packetId: null, lengthBytes: bodyLength });
    expect(narrower.take()).toBeNull();
  }
});

test("an announced length claims no memory before its bytes come", () => {
  const before = process.memoryUsage().arrayBuffers;
  const streams = Array.from({ length: 1_000 }, () => {
    const stream = new PacketStream(268_435_455);
    stream.push(hex("30ffffff7f0001"));
    expect(stream.take()).toBeNull();
    return stream;
  });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(streams.length * 2_000);
});

test("a large packet in single bytes takes time in proportion to its size", () => {
  const bytes = encodePacket({
    type: "publish",
    topic: "t",
    payload: new Uint8Array(60_000),
    qos: 0,
    retain: false,
    duplicate: false,
    packetId: null,
  });
  expect(readAll(bytes, 1)).toHaveLength(1);
});

const unwritable: [string, Packet][] = [
  [
    "a wildcard in a topic name",
    { type: "publish", topic: "a/+", payload: hex(""), qos: 0, retain: false, duplicate: false, packetId: null },
  ],
  [
    "an empty topic name",
    { type: "publish", topic: "", payload: hex(""), qos: 0, retain: false, duplicate: false, packetId: null },
  ],
  [
    "a topic of 65,536 bytes",
    {
      type: "publish",
      topic: "a".repeat(65_536),
      payload: hex(""),
      qos: 0,
      retain: false,
      duplicate: false,
      packetId: null,
    },
  ],
  [
    "a lone surrogate",
    { type: "publish", topic: "\ud800", payload: hex(""), qos: 0, retain: false, duplicate: false, packetId: null },
  ],
  ["a NUL", { type: "unsubscribe", packetId: 1, filters: ["a\u0000"] }],
  ["a filter with # in the middle", { type: "subscribe", packetId: 1, subscriptions: [{ filter: "a/#/b", qos: 0 }] }],
  ["packet identifier 0", { type: "puback", packetId: 0 }],
  ["packet identifier 65,536", { type: "puback", packetId: 65_536 }],
  [
    "QoS 1 without an identifier",
    { type: "publish", topic: "a", payload: hex(""), qos: 1, retain: false, duplicate: false, packetId: null },
  ],
  [
    "QoS 0 with an identifier",
    { type: "publish", topic: "a", payload: hex(""), qos: 0, retain: false, duplicate: false, packetId: 1 },
  ],
];

test.each(unwritable)("encodePacket() refuses %s", (_name, packet) => {
  expect(() => encodePacket(packet)).toThrow(WireError);
});

const folder = resolve(import.meta.dirname, "vectors/mqtt-seeds-withsecure");
const seeds = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(resolve(folder, name)).map((file) => `${name}/${file}`));

test('78 of the 79 recorded packets come back to the byte; the one of the protocol "hj" is refused', () => {
  const refused = seeds.filter((path) => {
    const bytes = readVector(`mqtt-seeds-withsecure/${path}`);
    try {
      const packets = readAll(bytes);
      return packets.length !== 1 || toHex(encodePacket(packets[0] as Packet)) !== toHex(bytes);
    } catch (error) {
      if (error instanceof WireError) return true;
      throw error;
    }
  });
  expect(seeds).toHaveLength(79);
  expect(refused).toEqual(["connect/mqtt.connect.140.raw"]);
});

test("100,000 mutations of them are packets that come back equal, wait for more, or are refused with a WireError", () => {
  const random = createRandom(79);
  const recorded = seeds.map((path) => readVector(`mqtt-seeds-withsecure/${path}`));
  let accepted = 0;
  const changed: string[] = [];
  for (let round = 0; round < 100_000; round++) {
    const bytes = mutate(recorded[round % recorded.length] as Uint8Array, random);
    try {
      for (const packet of readAll(bytes)) {
        accepted += 1;
        const again = readAll(encodePacket(packet))[0] as Packet;
        if (toHex(encodePacket(again)) !== toHex(encodePacket(packet)) || again.type !== packet.type)
          changed.push(toHex(bytes));
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }
  expect(changed).toEqual([]);
  expect(accepted).toBeGreaterThan(10_000);
});
