// Nodes that only speak: what `lugh` sees of a fleet, made of wire/ and without machines behind it.

import { connectAsync, type MqttClient } from "mqtt";
import { type Broker, startBroker } from "sim/broker";
import { encodeBirth } from "wire/birth";
import { type Command, decodeCommand, encodeReply, type Reply } from "wire/command";
import { buildGreeting } from "wire/greeting";
import { encodeLog } from "wire/log";
import { encodeState } from "wire/state";
import { encodeTelemetry } from "wire/telemetry";
import { buildTopic, deliveryRules, type NodeName, type TopicKind } from "wire/topics";

const closers: (() => unknown)[] = [];

export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export async function openBroker(): Promise<Broker & { readonly url: string }> {
  const broker = await startBroker({ port: 0 });
  closers.push(() => broker.close());
  return { ...broker, url: `mqtt://${broker.host}:${broker.port}` };
}

export type Answer = (command: Command) => Omit<Reply, "requestId"> | undefined;

export interface SpokenNode {
  publish(kind: TopicKind, payload: Uint8Array): Promise<void>;
  log(text: string): Promise<void>;
  /** Goes without a word. */
  die(): Promise<void>;
}

export const statistics = {
  uptimeMicros: 65_000_000,
  scheduler: "priority",
  services: [
    {
      name: "sensor",
      state: "running",
      version: "1.0.0",
      generation: 2,
      restarts: 1,
      lastFault: "threw: TypeError: no",
      dispatches: 5000,
      steps: 12_000,
      runMicros: 900,
      bytes: 9_216,
      memoryBytes: 131_072,
      queued: 0,
      refused: 0,
      replaced: 0,
    },
  ],
};

/** Announces itself, tells its state, and measures five times a second unless it is silent. */
export async function openNode(
  { host, port }: Broker,
  name: NodeName,
  options: { isSilent?: boolean; answer?: Answer } = {},
): Promise<SpokenNode> {
  const session = 7;
  const { will } = buildGreeting(birthOf(name, session));
  const client = await connectAsync({
    host,
    port,
    protocol: "mqtt",
    reconnectPeriod: 0,
    will: { ...will, payload: Buffer.from(will.payload) },
  });
  client.on("error", () => undefined);
  const publish = async (kind: TopicKind, payload: Uint8Array): Promise<void> => {
    await client.publishAsync(buildTopic(name, kind), Buffer.from(payload), deliveryRules[kind]);
  };
  await publish("birth", encodeBirth(birthOf(name, session)));
  await publish("state", encodeState(stateOf(session)));
  await listen(client, name, options.answer ?? (() => undefined), publish);
  const timer =
    options.isSilent === true
      ? undefined
      : setInterval(() => void publish("telemetry", telemetryOf(name)).catch(() => undefined), 200);
  closers.push(
    () => clearInterval(timer),
    () => client.endAsync(true),
  );
  return {
    publish,
    log: (text) =>
      publish("log", encodeLog({ timeMicros: Date.now() * 1000, level: "error", service: "sensor", text })),
    async die() {
      clearInterval(timer);
      client.stream.destroy();
      await new Promise((done) => client.once("close", () => done(undefined)));
    },
  };
}

async function listen(
  client: MqttClient,
  name: NodeName,
  answer: Answer,
  publish: SpokenNode["publish"],
): Promise<void> {
  client.on("message", (_topic, payload) => {
    const command = decodeCommand(new Uint8Array(payload));
    const outcome = answer(command);
    if (outcome !== undefined)
      void publish("reply", encodeReply({ requestId: command.requestId, ...outcome } as Reply));
  });
  await client.subscribeAsync(buildTopic(name, "command"), { qos: 1 });
}

function birthOf({ site, node }: NodeName, session: number) {
  return {
    session,
    site,
    node,
    model: "simulated",
    firmware: "0.1.0",
    engine: "XS 13.3.0",
    timeMicros: Date.now() * 1000,
    services: [{ name: "sensor", version: "1.0.0" }],
    metrics: [{ name: "u1", unit: "V" }],
    declaredVolts: 25_981,
    insecureCommands: true,
  };
}

function stateOf(session: number) {
  const services = statistics.services.map(({ steps: _steps, ...service }) => service);
  const outbox = { queued: 0, inFlight: 0, stored: 0, dropped: 0 };
  return {
    ...statistics,
    services,
    session,
    timeMicros: Date.now() * 1000,
    outbox,
    storage: null,
    journal: null,
    boot: { state: "blank", reason: "" },
  };
}

function telemetryOf(name: NodeName): Uint8Array {
  const timeMicros = Math.floor(Date.now() / 1000) * 1e6;
  return encodeTelemetry(name, {
    timeMicros,
    timeQualityMicros: null,
    sequence: 1,
    u1: 230,
    u2: 230,
    u3: 230,
    f: 50,
    flagged: false,
  });
}
