// A node's mqtt service at a real broker, on Node: what the tests of the service share.

import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync, type MqttClient } from "mqtt";
import mqtt from "services/mqtt/service";
import { type Broker, startBroker } from "sim/broker";
import { ServiceShell, type ShellOptions } from "tests/service-shell";
import { StoragePeer } from "tests/storage-peer";
import { TcpPort } from "tests/tcp-port";
import { decodeEvent, type EventReport, encodeEvent } from "wire/event";
import { decodeTelemetry, encodeTelemetry, type ReceivedTelemetry } from "wire/telemetry";

export const utcMicros = Date.UTC(2025, 3, 28, 10, 32) * 1000;
/** What a test opened, to be closed in the other order by `closeAll`. */
export const closers: (() => unknown)[] = [];

export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export async function openBroker(port = 0): Promise<Broker> {
  const broker = await startBroker({ port });
  closers.push(() => broker.close());
  return broker;
}

export interface Node {
  readonly shell: ServiceShell;
  readonly storage: StoragePeer;
  readonly port: TcpPort;
  readonly commands: Uint8Array[];
}

/** A node whose time stands still unless the test moves it; its first attempt to connect is made. */
export async function openNode(
  brokerPort: number,
  peers: ShellOptions["peers"] = {},
  storage = new StoragePeer({ service: "mqtt", prefix: "mqtt/" }),
): Promise<Node> {
  const port = new TcpPort();
  const commands: Uint8Array[] = [];
  const shell = new ServiceShell(mqtt, {
    utcMicros,
    configuration: {
      site: "toledo",
      node: "node-1",
      model: "simulated",
      firmware: "0.1.0",
      engine: "XS 13.3.0",
      brokerHost: "127.0.0.1",
      brokerPort,
      declaredVolts: 25_981,
      insecureCommands: true,
      services: [{ name: "mqtt", version: "1.0.0" }],
    },
    peers: {
      socket: port.peer,
      storage: storage.peer,
      command(type, message: { payload: Uint8Array }) {
        if (type === "command") commands.push(message.payload);
        return null;
      },
      ...peers,
    },
  });
  port.shell = shell;
  closers.push(() => port.dispose());
  await shell.advance(1_000);
  return { shell, storage, port, commands };
}

export interface Heard {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly isRetained: boolean;
}

/** Somebody who listens to a broker. */
export async function openListener(
  { host, port }: Broker,
  filter: string,
): Promise<{ client: MqttClient; heard: Heard[] }> {
  const client = await connectAsync({ host, port, protocol: "mqtt", reconnectPeriod: 0 });
  const heard: Heard[] = [];
  client.on("error", () => undefined);
  client.on("message", (topic, payload, { retain }) =>
    heard.push({ topic, payload: new Uint8Array(payload), isRetained: retain }),
  );
  await client.subscribeAsync(filter, { qos: 1 });
  closers.push(() => client.endAsync(true));
  return { client, heard };
}

export async function until(holds: () => unknown): Promise<void> {
  for (let end = Date.now() + 20_000; ; await sleep(5)) {
    if (await holds()) return;
    if (Date.now() > end) throw new Error(`waited 20 s in vain for ${holds}`);
  }
}

export type Outbox = { session: number | null; queued: number; inFlight: number; stored: number; dropped: number };

export async function outboxOf({ shell }: Node): Promise<Outbox> {
  return (await shell.deliver("outbox")) as Outbox;
}

export async function untilConnected(node: Node): Promise<number> {
  await until(async () => (await outboxOf(node)).session !== null);
  return (await outboxOf(node)).session as number;
}

export async function publish({ shell }: Node, topic: string, text: string, qos: 0 | 1 = 1): Promise<boolean> {
  const reply = await shell.deliver("publish", { topic, payload: new TextEncoder().encode(text), qos, retain: false });
  return (reply as { accepted: boolean }).accepted;
}

const name = { site: "toledo", node: "node-1" };

/** A reading as the reporter hands it over, of the second that the number names. */
export async function report({ shell }: Node, sequence: number): Promise<boolean> {
  const timeMicros = utcMicros + sequence * 1_000_000;
  const reading = { timeMicros, timeQualityMicros: 1_000, sequence, u1: 230, u2: 231, u3: 232, f: 50, flagged: false };
  const payload = encodeTelemetry(name, reading);
  const reply = await shell.deliver("publish", { topic: "telemetry", payload, qos: 1, retain: false, sequence });
  return (reply as { accepted: boolean }).accepted;
}

/** The begin of a dip, as the reporter hands it over. */
export async function alarm({ shell }: Node, sequence: number): Promise<boolean> {
  const payload = encodeEvent({
    kind: "dip",
    phase: "begin",
    id: sequence,
    lines: [1],
    startMicros: utcMicros,
    timeQualityMicros: 1_000,
    durationMicros: null,
    extreme: 180,
    unit: "V",
    sequence,
    historical: false,
  });
  const reply = await shell.deliver("publish", { topic: "event", payload, qos: 1, retain: false, sequence });
  return (reply as { accepted: boolean }).accepted;
}

export const readingOf = ({ payload }: Heard): ReceivedTelemetry => decodeTelemetry(name, payload);
export const eventOf = ({ payload }: Heard): EventReport => decodeEvent(payload);

export const textOf = ({ payload }: Heard): string => new TextDecoder().decode(payload);
