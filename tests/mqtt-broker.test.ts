// Does the embedded broker stand what comes, and leave nothing behind?

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "@jest/globals";
import { connectAsync, type MqttClient } from "mqtt";
import { type Broker, startBroker } from "sim/broker";

const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function openBroker(report: (line: string) => void = () => undefined): Promise<Broker> {
  const broker = await startBroker({ port: 0, report });
  opened.push(broker);
  return broker;
}

async function openClient({ host, port }: Broker): Promise<MqttClient> {
  const client = await connectAsync({ host, port, protocol: "mqtt", reconnectPeriod: 0 });
  client.on("error", () => undefined);
  opened.push({ close: () => client.endAsync(true) });
  return client;
}

function nextMessage(client: MqttClient): Promise<string> {
  return new Promise((done) => client.once("message", (_topic, payload) => done(payload.toString())));
}

/** Sends bytes on a connection of their own and waits until the broker had time to judge them. */
async function throwAt({ host, port }: Broker, bytes: Uint8Array): Promise<void> {
  const socket = connect({ host, port });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(bytes);
  await Promise.race([once(socket, "close"), sleep(30)]);
  socket.destroy();
}

/** CONNECT of MQTT 3.1.1 with client identifier "a", clean session, keep alive of a minute. */
const connectPacket = [0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 1, 0x61];

const garbage: Record<string, number[]> = {
  zeros: Array.from({ length: 64 }, () => 0),
  "a web browser": [...Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")],
  "a length without end": [0x10, 0xff, 0xff, 0xff, 0xff, 0x7f],
  "PUBLISH before CONNECT": [0x30, 4, 0, 1, 0x61, 0x62],
  "CONNECT twice": [...connectPacket, ...connectPacket],
  "a topic with a wildcard": [...connectPacket, 0x30, 5, 0, 1, 0x23, 1, 2],
  "a topic with a thousand levels": [
    ...connectPacket,
    0x30,
    0xd2,
    0x0f,
    0x07,
    0xd0,
    ...Array.from({ length: 2000 }, () => 0x2f),
  ],
  "SUBSCRIBE without a filter": [...connectPacket, 0x82, 2, 0, 1],
  "SUBSCRIBE with a thousand levels": [
    ...connectPacket,
    0x82,
    0xd5,
    0x0f,
    0,
    1,
    0x07,
    0xd0,
    ...Array.from({ length: 2000 }, () => 0x2f),
    0,
  ],
  "PUBACK for nothing": [...connectPacket, 0x40, 2, 0, 9],
  "a reserved packet type": [...connectPacket, 0xf0, 0],
  "a text that is no UTF-8": [...connectPacket, 0x30, 5, 0, 2, 0xff, 0xfe, 1],
};

for (const [name, bytes] of Object.entries(garbage))
  test(`a client that sends ${name} disturbs no other`, async () => {
    const broker = await openBroker();
    const client = await openClient(broker);
    await client.subscribeAsync("lugh/1/+/+/telemetry", { qos: 1 });
    await throwAt(broker, Uint8Array.from(bytes));
    const received = nextMessage(client);
    await client.publishAsync("lugh/1/toledo/node-1/telemetry", "still here", { qos: 1 });
    expect(await received).toBe("still here");
  });

test("mutated packets, 300 of them, end neither the broker nor its clients", async () => {
  const broker = await openBroker();
  const client = await openClient(broker);
  let state = 20250428;
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  const publish = [0x32, 9, 0, 3, 0x61, 0x2f, 0x62, 0, 7, 1, 2];
  for (let round = 0; round < 30; round++)
    await Promise.all(
      Array.from({ length: 10 }, () => {
        const bytes = [...connectPacket, ...publish, 0x82, 8, 0, 1, 0, 3, 0x61, 0x2f, 0x23, 1];
        for (let count = next(4); count >= 0; count--) bytes[next(bytes.length)] = next(256);
        return throwAt(broker, Uint8Array.from(bytes.slice(0, 1 + next(bytes.length))));
      }),
    );
  await client.subscribeAsync("alive", { qos: 1 });
  const received = nextMessage(client);
  await client.publishAsync("alive", "yes", { qos: 1 });
  expect(await received).toBe("yes");
}, 20_000);

test("trouble is told once for each kind", async () => {
  const lines: string[] = [];
  const broker = await openBroker((line) => lines.push(line));
  for (let count = 0; count < 3; count++) await throwAt(broker, Uint8Array.from([0x30, 4, 0, 1, 0x61, 0x62]));
  expect(lines).toEqual(["broker: cut a client without a name: Invalid protocol (told once)"]);
});

test("a taken port is one clear line with the cure", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({ close: () => new Promise((done) => server.close(done)) });
  const { port } = server.address() as { port: number };
  await expect(startBroker({ port })).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${port}: wanted a free port, found it taken; choose another with LUGH_MQTT_PORT=${port + 1}`,
  );
});

test("close() cuts its clients and frees the port", async () => {
  const broker = await startBroker({ port: 0 });
  const client = await openClient(broker);
  const closed = new Promise<void>((done) => client.once("close", done));
  await broker.close();
  await closed;
  const again = await startBroker({ port: broker.port });
  expect(again.port).toBe(broker.port);
  await again.close();
});

test("a will is published when its client is gone without a word, and retained", async () => {
  const broker = await openBroker();
  const { host, port } = broker;
  const will = { topic: "lugh/1/toledo/node-1/death", payload: Buffer.from("gone"), qos: 1 as const, retain: true };
  const doomed = await connectAsync({ host, port, protocol: "mqtt", reconnectPeriod: 0, will });
  doomed.on("error", () => undefined);
  const watcher = await openClient(broker);
  await watcher.subscribeAsync("lugh/1/+/+/death", { qos: 1 });
  const received = nextMessage(watcher);
  doomed.stream.destroy();
  expect(await received).toBe("gone");
  const late = await openClient(broker);
  const retained = nextMessage(late);
  await late.subscribeAsync("lugh/1/+/+/death", { qos: 1 });
  expect(await retained).toBe("gone");
});
