// Does the MQTT session keep its promises: nothing acknowledged to the caller is lost, order holds, HIGH goes first,
// a lost connection is found, and no bytes of a broker can do harm?

import { type AddressInfo, createServer, connect as openSocket, type Socket } from "node:net";
import { expect, test } from "@jest/globals";
import { Aedes } from "aedes";
import { createRandom } from "sim/random";
import { bear, Link, publication, second } from "tests/wire-mqtt-link";
import { readSequences } from "tests/wire-mqtt-sequences";
import { hex, mutate } from "tests/wire-vectors";
import { chooseBackoffMicros } from "wire/backoff";
import { decodeBirth, decodeDeath } from "wire/birth";
import { WireError } from "wire/error";
import { buildGreeting } from "wire/greeting";
import { encodePacket, type Packet, type PublishPacket } from "wire/mqtt-packet";
import type { Publication, PublishPriority } from "wire/mqtt-queue";
import { MqttSession } from "wire/mqtt-session";

const accepted: Packet = { type: "connack", sessionPresent: true, returnCode: 0 };

function topics(packets: readonly Packet[]): string[] {
  return packets.map((packet) => (packet.type === "publish" ? packet.topic : packet.type));
}

function publishMany(link: Link, first: number, last: number, change: Partial<Publication> = {}): void {
  for (let token = first; token <= last; token++) link.publish(publication(token, change));
}

test("a connection begins with CONNECT: our session is kept, and the will is the death of the birth's session", () => {
  const link = new Link({ userName: "toledo", password: hex("00ff") });
  link.session.start(0);
  link.open();
  const [connect] = link.read();
  expect(connect).toMatchObject({
    type: "connect",
    protocolLevel: 4,
    clientId: "node-1",
    cleanSession: false,
    keepAliveSeconds: 20,
    userName: "toledo",
  });
  const will = connect?.type === "connect" ? connect.will : null;
  expect(will).toMatchObject({ topic: "lugh/1/toledo/node-1/death", qos: 1, retain: true });
  link.say(accepted);
  const [birth] = link.readPublications();
  expect(birth).toMatchObject({ topic: "lugh/1/toledo/node-1/birth", qos: 1, retain: true, duplicate: false });
  expect(decodeDeath(will?.payload as Uint8Array).session).toBe(decodeBirth(birth?.payload as Uint8Array).session);
});

test("after each connect the birth goes first, then subscriptions, then what was not acknowledged, then what waits", () => {
  const link = new Link();
  link.session.subscribe("lugh/1/toledo/node-1/command", 1, 0);
  link.publish(publication(1));
  link.bringUp();
  expect(topics(link.read())).toEqual(["connect", "lugh/1/toledo/node-1/birth", "subscribe", "t/1"]);
  link.drop();
  link.publish(publication(2, { priority: "HIGH" }));
  link.pass(2 * second);
  link.open();
  link.say(accepted);
  const packets = link.read();
  expect(topics(packets)).toEqual(["connect", "lugh/1/toledo/node-1/birth", "subscribe", "t/1", "t/2"]);
  expect(decodeBirth((packets[1] as PublishPacket).payload).session).toBe(2);
});

test("nothing is written before the broker accepted, and nothing else may come before its CONNACK", () => {
  const link = new Link();
  link.session.start(0);
  link.publish(publication(1));
  link.open();
  expect(topics(link.read())).toEqual(["connect"]);
  link.say({ type: "pingresp" });
  expect(link.kinds("down")).toEqual([{ kind: "down", reason: "wanted CONNACK, found PINGRESP" }]);
});

test.each([
  [1, "protocol version"],
  [2, "identifier"],
  [3, "unavailable"],
  [4, "user name or password"],
  [5, "not authorized"],
])("return code %i takes the connection down with its reason, and another attempt follows", (returnCode, reason) => {
  const link = new Link();
  link.session.start(0);
  link.open();
  link.say({ type: "connack", sessionPresent: false, returnCode });
  expect(link.kinds("down")[0]).toMatchObject({ reason: expect.stringContaining(reason) });
  link.pass(2 * second);
  expect(link.kinds("connect")).toHaveLength(2);
});

test("a publication at QoS 1 is acknowledged to the caller when the broker did, and not before", () => {
  const link = new Link().bringUp();
  link.publish(publication(7));
  const packets = link.readPublications();
  expect(link.tokens("acknowledged")).toEqual([]);
  link.acknowledge(packets);
  link.acknowledge(packets);
  expect(link.tokens("acknowledged")).toEqual([7]);
});

test("what was not acknowledged goes again after a reconnect: same identifier, DUP, in order, and what was not sent follows", () => {
  const link = new Link().bringUp();
  link.acknowledge(link.readPublications());
  publishMany(link, 1, 10);
  const before = link.readPublications();
  expect(topics(before)).toEqual(["t/1", "t/2", "t/3", "t/4", "t/5", "t/6", "t/7"]);
  link.acknowledge(before.slice(1, 3));
  expect(topics(link.readPublications())).toEqual(["t/8", "t/9"]);
  link.drop();
  link.pass(2 * second);
  link.open();
  link.say(accepted);
  const again = link.readPublications().slice(1);
  expect(topics(again)).toEqual(["t/1", "t/4", "t/5", "t/6", "t/7", "t/8", "t/9"]);
  expect(again.every(({ duplicate }) => duplicate)).toBe(true);
  expect(again[0]?.packetId).toBe(before[0]?.packetId);
  link.acknowledge(again);
  const fresh = link.readPublications();
  expect(topics(fresh)).toEqual(["t/10"]);
  expect(fresh[0]?.duplicate).toBe(false);
});

test("a broker that lost our session gets everything again all the same", () => {
  const link = new Link().bringUp();
  link.publish(publication(1));
  link.drop();
  link.pass(2 * second);
  link.open();
  link.say({ type: "connack", sessionPresent: false, returnCode: 0 });
  expect(topics(link.readPublications())).toEqual(["lugh/1/toledo/node-1/birth", "t/1"]);
});

test("a birth that was not acknowledged is not sent again: the next connection has its own", () => {
  const link = new Link().bringUp();
  link.drop();
  link.pass(2 * second);
  link.open();
  link.say(accepted);
  const births = link.readPublications();
  expect(births).toHaveLength(1);
  expect(births[0]?.duplicate).toBe(false);
});

test("of eight slots in flight the last is kept for HIGH", () => {
  const link = new Link().bringUp();
  link.acknowledge(link.readPublications());
  publishMany(link, 1, 9);
  expect(link.readPublications()).toHaveLength(7);
  link.publish(publication(20, { priority: "MEDIUM" }));
  expect(link.readPublications()).toHaveLength(0);
  publishMany(link, 30, 31, { priority: "HIGH" });
  expect(topics(link.readPublications())).toEqual(["t/30"]);
  expect(link.session.status).toMatchObject({ inFlight: 8, queued: 4 });
});

test("what waits goes out by priority, each priority in order", () => {
  const link = new Link();
  publishMany(link, 1, 2);
  publishMany(link, 11, 12, { priority: "MEDIUM" });
  publishMany(link, 21, 22, { priority: "HIGH" });
  link.bringUp();
  expect(topics(link.readPublications().slice(1))).toEqual(["t/21", "t/22", "t/11", "t/12", "t/1", "t/2"]);
});

test("QoS 0 takes no slot and no identifier, waits like the rest while there is no broker, and is never acknowledged", () => {
  const link = new Link();
  publishMany(link, 1, 20, { qos: 0 });
  link.bringUp();
  const packets = link.readPublications().slice(1);
  expect(packets).toHaveLength(20);
  expect(packets.every(({ packetId }) => packetId === null)).toBe(true);
  expect(link.session.status).toMatchObject({ inFlight: 1, queued: 0 });
});

const limits = { queuedMessages: 4, queuedBytes: 100, incomingBytes: 1_000 };

test("a full queue lets the oldest LOW go for anything, tells of it, and counts it", () => {
  const link = new Link({ limits });
  publishMany(link, 1, 4);
  expect(link.publish(publication(5))).toBe("queued");
  expect(link.publish(publication(6, { priority: "MEDIUM" }))).toBe("queued");
  expect(link.publish(publication(7, { priority: "HIGH" }))).toBe("queued");
  expect(link.tokens("dropped")).toEqual([1, 2, 3]);
  expect(link.session.status).toMatchObject({ queued: 4, dropped: 3 });
  link.bringUp();
  expect(topics(link.readPublications().slice(1))).toEqual(["t/7", "t/6", "t/4", "t/5"]);
});

test("a queue full of MEDIUM answers LOW and MEDIUM with full and makes room for HIGH; HIGH gives way to nothing", () => {
  const link = new Link({ limits });
  publishMany(link, 1, 4, { priority: "MEDIUM" });
  expect(link.publish(publication(5))).toBe("full");
  expect(link.publish(publication(6, { priority: "MEDIUM" }))).toBe("full");
  for (const token of [7, 8, 9, 10]) expect(link.publish(publication(token, { priority: "HIGH" }))).toBe("queued");
  expect(link.publish(publication(11, { priority: "HIGH" }))).toBe("full");
  expect(link.tokens("dropped")).toEqual([1, 2, 3, 4]);
});

test("bytes bound the queue too: as many give way as the newcomer needs, and none when that would not do", () => {
  const link = new Link({ limits });
  link.publish(publication(1, { payload: new Uint8Array(40) }));
  link.publish(publication(2, { payload: new Uint8Array(40) }));
  link.publish(publication(3, { payload: new Uint8Array(20), priority: "HIGH" }));
  expect(link.publish(publication(4, { payload: new Uint8Array(90) }))).toBe("full");
  expect(link.tokens("dropped")).toEqual([]);
  expect(link.publish(publication(5, { payload: new Uint8Array(80) }))).toBe("queued");
  expect(link.tokens("dropped")).toEqual([1, 2]);
});

test("publish() and subscribe() refuse what MQTT cannot carry, before anything is queued", () => {
  const link = new Link({ limits });
  expect(() => link.publish(publication(1, { topic: "a/+" }))).toThrow(WireError);
  expect(() => link.publish(publication(1, { payload: new Uint8Array(101) }))).toThrow(WireError);
  expect(() => link.session.subscribe("a#", 1, 0)).toThrow(WireError);
  for (let index = 0; index < 16; index++) link.session.subscribe(`a/${index}`, 1, 0);
  expect(() => link.session.subscribe("a/16", 1, 0)).toThrow(WireError);
  expect(link.session.status.queued).toBe(0);
});

test("an incoming publication is delivered and at QoS 1 acknowledged; a duplicate is delivered as one and acknowledged again", () => {
  const link = new Link().bringUp();
  link.read();
  const message = { type: "publish", topic: "c", payload: hex("01"), retain: false } as const;
  link.say({ ...message, qos: 1, duplicate: false, packetId: 9 });
  link.say({ ...message, qos: 1, duplicate: true, packetId: 9 });
  link.say({ ...message, qos: 0, duplicate: false, packetId: null, retain: true });
  expect(link.kinds("deliver")).toEqual([
    { kind: "deliver", topic: "c", payload: hex("01"), isRetained: false, isDuplicate: false },
    { kind: "deliver", topic: "c", payload: hex("01"), isRetained: false, isDuplicate: true },
    { kind: "deliver", topic: "c", payload: hex("01"), isRetained: true, isDuplicate: false },
  ]);
  expect(link.read()).toEqual([
    { type: "puback", packetId: 9 },
    { type: "puback", packetId: 9 },
  ]);
});

test("a subscription made while up is asked for at once, and a refusal is told", () => {
  const link = new Link().bringUp();
  link.read();
  link.session.subscribe("a", 1, 0);
  link.session.subscribe("b", 0, 0);
  const [first, then] = link.read() as { packetId: number }[];
  link.say({ type: "suback", packetId: then?.packetId as number, returnCodes: [0x80] });
  link.say({ type: "suback", packetId: first?.packetId as number, returnCodes: [1] });
  expect(link.kinds("refused")).toEqual([{ kind: "refused", filter: "b" }]);
  expect(link.session.status.phase).toBe("up");
});

test("a quiet connection is pinged after the keep alive, and given up half as long again after the broker was last heard", () => {
  const link = new Link().bringUp();
  link.acknowledge(link.readPublications());
  link.pass(20 * second - 1);
  expect(link.read()).toEqual([]);
  link.pass(1);
  expect(link.read()).toEqual([{ type: "pingreq" }]);
  link.pass(10 * second - 1);
  expect(link.session.status.phase).toBe("up");
  link.pass(1);
  expect(link.kinds("down")).toHaveLength(1);
  expect(link.kinds("disconnect")).toHaveLength(1);
});

test("an answered ping keeps a quiet connection for ever", () => {
  const link = new Link().bringUp();
  link.acknowledge(link.readPublications());
  for (let round = 0; round < 50; round++) {
    link.pass(20 * second);
    expect(link.read()).toEqual([{ type: "pingreq" }]);
    link.say({ type: "pingresp" });
  }
  expect(link.kinds("down")).toEqual([]);
});

test("a half-open connection is found although we keep sending into it", () => {
  const link = new Link().bringUp();
  link.acknowledge(link.readPublications());
  for (let elapsed = 0; elapsed < 29; elapsed++) {
    link.publish(publication(elapsed, { qos: 0 }));
    link.pass(second);
  }
  expect(link.read().filter(({ type }) => type === "pingreq")).toHaveLength(1);
  expect(link.session.status.phase).toBe("up");
  link.pass(second);
  expect(link.session.status.phase).toBe("waiting");
});

test("a broker that only talks is pinged all the same, so that it hears from us within the keep alive", () => {
  const link = new Link().bringUp();
  link.acknowledge(link.readPublications());
  for (let elapsed = 0; elapsed < 21; elapsed++) {
    link.pass(second);
    link.say({
      type: "publish",
      topic: "c",
      payload: hex(""),
      qos: 0,
      retain: false,
      duplicate: false,
      packetId: null,
    });
  }
  expect(link.read().map(({ type }) => type)).toEqual(["pingreq"]);
});

test.each(["opening", "greeting"] as const)("an attempt that hangs while %s is given up after 10 s", (phase) => {
  const link = new Link();
  link.session.start(0);
  if (phase === "greeting") link.open();
  link.pass(10 * second - 1);
  expect(link.session.status.phase).toBe(phase);
  link.pass(1);
  expect(link.session.status.phase).toBe("waiting");
  expect(link.kinds("disconnect")).toHaveLength(1);
});

test("back-off doubles to a minute with its random part, and begins anew after a connection that held for 30 s", () => {
  const link = new Link({}, () => 0.999_999);
  link.session.start(0);
  link.pass(0);
  const waits: number[] = [];
  for (let attempt = 0; attempt < 9; attempt++) {
    link.drop("refused");
    waits.push(Math.round(link.passToNextAttempt() / second));
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  link.open();
  link.say(accepted);
  link.pass(30 * second);
  link.drop();
  expect(Math.round(link.passToNextAttempt() / second)).toBe(1);
});

test("a connection that is accepted and dropped at once does not reset the back-off", () => {
  const link = new Link({}, () => 0.999_999);
  link.session.start(0);
  const waits: number[] = [];
  for (let attempt = 0; attempt < 4; attempt++) {
    link.open();
    link.say(accepted);
    link.drop();
    waits.push(Math.round(link.passToNextAttempt() / second));
  }
  expect(waits).toEqual([1, 2, 4, 8]);
});

test("a fleet of 1,000 that lost its broker in one instant comes back spread over a second", () => {
  const random = createRandom(1_000);
  const tenths = new Array<number>(13).fill(0);
  for (let node = 0; node < 1_000; node++) {
    const tenth = Math.floor(chooseBackoffMicros(0, random) / 100_000);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  expect(tenths.slice(0, 2)).toEqual([0, 0]);
  expect(Math.max(...tenths)).toBeLessThan(150);
});

test("what an older connection still says is ignored", () => {
  const link = new Link().bringUp();
  const old = link.connection;
  link.drop();
  link.pass(2 * second);
  link.open();
  link.session.received(old, encodePacket(accepted), link.nowMicros);
  link.session.closed(old, "late", link.nowMicros);
  link.session.opened(old, buildGreeting(bear(99)), link.nowMicros);
  expect(link.session.status.phase).toBe("greeting");
  expect(link.kinds("down")).toHaveLength(1);
});

test("stop() publishes the death itself, says goodbye and keeps what was not acknowledged for the next start", () => {
  const link = new Link().bringUp();
  link.acknowledge(link.readPublications());
  link.publish(publication(1));
  link.read();
  link.session.stop(0);
  const [death, goodbye] = link.read();
  expect(death).toMatchObject({ type: "publish", topic: "lugh/1/toledo/node-1/death", retain: true });
  expect(goodbye).toEqual({ type: "disconnect" });
  link.pass(100 * second);
  expect(link.kinds("connect")).toHaveLength(1);
  link.session.start(link.nowMicros);
  link.open();
  link.say(accepted);
  expect(topics(link.readPublications())).toEqual(["lugh/1/toledo/node-1/birth", "t/1"]);
});

test("packet identifiers wrap around and never meet one that is under way", () => {
  const link = new Link().bringUp();
  link.acknowledge(link.readPublications());
  link.publish(publication(0));
  const held = link.readPublications()[0]?.packetId;
  for (let round = 0; round < 66_000; round++) {
    link.session.publish(publication(round + 1), 0);
    const [write] = link.session.takeActions();
    const bytes = write?.kind === "write" ? write.bytes : hex("");
    const packetId = ((bytes.at(-3) as number) << 8) | (bytes.at(-2) as number);
    if (packetId === held || packetId === 0) expect(packetId).toBe("free");
    link.session.received(link.connection, Uint8Array.of(0x40, 2, packetId >> 8, packetId & 0xff), 0);
    link.session.takeActions();
  }
  expect(link.session.status.inFlight).toBe(1);
});

const hostile: [string, Uint8Array][] = [
  ["a second CONNACK", encodePacket(accepted)],
  ["a packet that only clients send", encodePacket({ type: "pingreq" })],
  ["QoS 2, which we never subscribe to", hex("340700 0161 0001 0000".replaceAll(" ", ""))],
  ["PUBREC", hex("50020001")],
  ["PUBREL", hex("62020001")],
  ["SUBACK for no SUBSCRIBE", hex("9003000100")],
  ["UNSUBACK", hex("b0020001")],
  ["reserved flags", hex("d100")],
  ["a packet beyond the limit that is no PUBLISH", hex("90ffffff7f")],
  ["a length of five bytes", hex("30ffffffff7f")],
  ["a topic with a wildcard", hex("30030001 2b".replaceAll(" ", ""))],
  ["type 0", hex("0000")],
];

test.each(hostile)("%s from the broker takes the connection down with a reason", (_name, bytes) => {
  const link = new Link().bringUp();
  link.sayBytes(bytes);
  expect(link.session.status.phase).toBe("waiting");
  expect(link.kinds("disconnect")).toHaveLength(1);
  expect(link.kinds("down")).toHaveLength(1);
});

test("a PUBLISH beyond the limit is passed over, acknowledged and told, whatever its pieces, and the connection goes on", () => {
  for (const chunkBytes of [1, 7, 1_000, 100_000]) {
    const link = new Link().bringUp();
    const large = encodePacket({ ...small, payload: new Uint8Array(50_000), qos: 1, packetId: 77 });
    const bytes = new Uint8Array([...large, ...encodePacket({ ...small, payload: new Uint8Array([1]) })]);
    for (let at = 0; at < bytes.length; at += chunkBytes) link.sayBytes(bytes.subarray(at, at + chunkBytes));
    expect(link.session.status.phase).toBe("up");
    expect(link.kinds("passed")).toEqual([{ kind: "passed", lengthBytes: 50_005, limitBytes: 16_384 }]);
    expect(link.kinds("deliver")).toMatchObject([{ topic: "t", payload: new Uint8Array([1]) }]);
    expect(link.read().filter(({ type }) => type === "puback")).toEqual([{ type: "puback", packetId: 77 }]);
  }
});

const small: PublishPacket = {
  type: "publish",
  topic: "t",
  payload: new Uint8Array(0),
  qos: 0,
  retain: false,
  duplicate: false,
  packetId: null,
};

test("of the 994 sequences made for brokers 878 take our client down with one reason; the rest are publications it may get", () => {
  const survived = readSequences().filter(({ sent }) => {
    const link = new Link().bringUp();
    for (const bytes of sent) link.sayBytes(bytes);
    const downs = link.kinds("down").length;
    expect(link.session.status.phase).toBe(downs === 1 ? "waiting" : "up");
    expect(link.actions.length).toBeLessThan(20);
    return downs === 0;
  });
  expect(survived).toHaveLength(116);
  // To a 3.1.1 client the properties of an MQTT 5 publication are the beginning of its payload.
  for (const { sent } of survived) expect(sent.every((bytes) => (bytes[0] as number) >> 4 === 3)).toBe(true);
});

test("20,000 mutated packets of a server, after CONNACK, do no harm", () => {
  const random = createRandom(311);
  const packets = [
    encodePacket({
      type: "publish",
      topic: "lugh/1/toledo/node-1/command",
      payload: hex("a0"),
      qos: 1,
      retain: false,
      duplicate: false,
      packetId: 3,
    }),
    encodePacket({ type: "puback", packetId: 2 }),
    encodePacket({ type: "suback", packetId: 1, returnCodes: [1] }),
    encodePacket({ type: "pingresp" }),
  ];
  let survived = 0;
  for (let round = 0; round < 20_000; round++) {
    const link = new Link().bringUp();
    link.sayBytes(mutate(packets[round % packets.length] as Uint8Array, random));
    if (link.session.status.phase === "up") survived += 1;
    if (link.actions.length > 100) expect(link.actions.length).toBe("bounded");
  }
  expect(survived).toBeGreaterThan(1_000);
});

/** A campaign: random loads, losses, delays and broken links; then calm; then the books are balanced. */
function campaign(seed: number): void {
  const random = createRandom(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const link = new Link({ limits: { queuedMessages: 30, queuedBytes: 1_000, incomingBytes: 1_000 } }, random);
  const queued = new Map<number, PublishPriority>();
  const arrived: number[] = [];
  let unanswered: PublishPacket[] = [];
  let isGreeted = false;
  const listen = () => {
    for (const packet of link.read()) {
      if (packet.type === "connect") unanswered = [];
      if (packet.type !== "publish") continue;
      if (!isGreeted) expect(packet.topic).toBe("lugh/1/toledo/node-1/birth");
      isGreeted = true;
      if (unanswered.some(({ packetId }) => packetId === packet.packetId)) expect(packet.packetId).toBe("free");
      unanswered.push(packet);
      const token = Number(packet.topic.split("/")[1]);
      if (packet.topic.startsWith("t/") && !arrived.includes(token)) arrived.push(token);
      expect(unanswered.length).toBeLessThanOrEqual(8);
    }
  };
  const connect = () => {
    if (link.session.status.phase === "opening") link.open();
    if (link.session.status.phase === "greeting") link.say(accepted);
    isGreeted = false;
    listen();
  };
  link.session.start(0);
  for (let token = 0; token < 400; token++) {
    const priority = (["LOW", "MEDIUM", "HIGH"] as const)[pick(3)] as PublishPriority;
    if (link.publish(publication(token, { priority })) === "queued") queued.set(token, priority);
    listen();
    const event = random();
    if (event < 0.1) link.drop();
    else if (event < 0.3 && link.session.status.phase !== "up") connect();
    else if (event < 0.6 && unanswered.length > 0) link.acknowledge(unanswered.splice(pick(unanswered.length), 1));
    link.pass(pick(3 * second));
    listen();
  }
  for (let round = 0; round < 500 && link.session.status.queued + link.session.status.inFlight > 0; round++) {
    if (link.session.status.phase !== "up") connect();
    link.acknowledge(unanswered.splice(0));
    listen();
    link.pass(second);
  }
  const dropped = link.tokens("dropped");
  const settled = [...link.tokens("acknowledged"), ...dropped].sort((left, right) => left - right);
  expect(settled).toEqual([...queued.keys()]);
  for (const token of dropped) expect(queued.get(token)).not.toBe("HIGH");
  for (const priority of ["LOW", "MEDIUM", "HIGH"] as const) {
    const order = arrived.filter((token) => queued.get(token) === priority);
    expect(order).toEqual([...order].sort((left, right) => left - right));
  }
}

test.each(Array.from({ length: 40 }, (_, index) => index + 1))(
  "campaign %i: each publication taken in is acknowledged or named as dropped, once, and each priority arrives in order",
  (seed) => campaign(seed),
);

test("against aedes, over a socket that is cut: every publication arrives, and the will speaks for the cut", async () => {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const heard: string[] = [];
  broker.on("publish", ({ topic }, client) => {
    if (client !== null) heard.push(topic);
  });
  const node = new SocketNode((server.address() as AddressInfo).port);
  try {
    for (let token = 0; token < 10; token++) node.publish(publication(token));
    await node.until(() => node.acknowledged.length >= 5);
    node.cut();
    for (let token = 10; token < 20; token++) node.publish(publication(token));
    await node.until(() => node.acknowledged.length === 20);
  } finally {
    await node.stop();
    await new Promise<void>((resolve) => broker.close(() => server.close(() => resolve())));
  }
  expect([...node.acknowledged].sort((left, right) => left - right)).toEqual(
    Array.from({ length: 20 }, (_, token) => token),
  );
  for (let token = 0; token < 20; token++) expect(heard).toContain(`t/${token}`);
  expect(heard.filter((topic) => topic.endsWith("/birth"))).toHaveLength(2);
  expect(heard.filter((topic) => topic.endsWith("/death"))).toHaveLength(2); // the will, and the goodbye
}, 20_000);

/** The session on a real socket and a real clock, as a host would run it. */
class SocketNode {
  readonly acknowledged: number[] = [];
  readonly #session = new MqttSession({ clientId: "node-1", keepAliveSeconds: 20 }, Math.random);
  readonly #port: number;
  #socket: Socket | null = null;
  #timer: NodeJS.Timeout | undefined;
  #births = 0;
  #look: () => void = () => undefined;

  constructor(port: number) {
    this.#port = port;
    this.#do(() => this.#session.start(this.#now()));
  }

  publish(what: Publication): void {
    this.#do(() => this.#session.publish(what, this.#now()));
  }

  cut(): void {
    this.#socket?.destroy();
  }

  /** Settles when the socket is closed. */
  stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#socket?.once("close", () => resolve()));
    this.#do(() => this.#session.stop(this.#now()));
    clearTimeout(this.#timer);
    return closed;
  }

  until(isDone: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (isDone()) resolve();
      };
      this.#look();
    });
  }

  #now(): number {
    return Math.round(performance.now() * 1_000);
  }

  #do(what: () => void): void {
    what();
    for (const action of this.#session.takeActions()) {
      if (action.kind === "connect") this.#open(action.connection);
      else if (action.kind === "write") this.#socket?.write(action.bytes);
      else if (action.kind === "disconnect") this.#socket?.end();
      else if (action.kind === "acknowledged") this.acknowledged.push(action.token);
      else if (action.kind === "wake") this.#wake(action.atMicros);
    }
    this.#look();
  }

  #wake(atMicros: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#do(() => this.#session.tick(this.#now())),
      Math.max(0, Math.ceil((atMicros - this.#now()) / 1_000)),
    );
  }

  #open(connection: number): void {
    const socket = openSocket(this.#port, "127.0.0.1");
    this.#socket = socket;
    socket.on("connect", () => this.#greet(connection));
    socket.on("data", (bytes) => this.#do(() => this.#session.received(connection, bytes, this.#now())));
    socket.on("error", () => undefined); // "close" follows and says all that matters here
    socket.on("close", () => this.#do(() => this.#session.closed(connection, "closed", this.#now())));
  }

  #greet(connection: number): void {
    this.#births += 1;
    this.#do(() => this.#session.opened(connection, buildGreeting(bear(this.#births)), this.#now()));
  }
}
