// Nodes for tests of the dashboard: they speak as real ones do, encoded by wire/, each over its own connection to the
// broker with its own will, and do what a test says.

import mqtt, { type MqttClient } from "mqtt";
import { encodeBirth, encodeDeath } from "wire/birth";
import { type Command, decodeCommand, encodeReply, type Reply } from "wire/command";
import { type EventReport, encodeEvent } from "wire/event";
import { encodeLog, type LogLevel } from "wire/log";
import { encodeState, type ServiceState } from "wire/state";
import { encodeTelemetry, type Telemetry } from "wire/telemetry";
import { buildTopic, type NodeName, parseNodeName, type TopicKind } from "wire/topics";

export const declaredVolts = 25_981;

export interface NodeOptions {
  readonly session?: number;
  readonly insecureCommands?: boolean;
}

export class SyntheticNode {
  readonly name: NodeName;
  readonly session: number;
  readonly commands: Command[] = [];
  readonly #client: MqttClient;
  readonly #insecureCommands: boolean;
  #sequence = 0;
  restarts = 0;

  private constructor(client: MqttClient, name: NodeName, session: number, insecureCommands: boolean) {
    this.#client = client;
    this.name = name;
    this.session = session;
    this.#insecureCommands = insecureCommands;
  }

  /** Connects, announces its birth, and takes commands. */
  static async connect(brokerPort: number, name: string, options: NodeOptions = {}): Promise<SyntheticNode> {
    const parts = parseNodeName(name);
    const session = options.session ?? 1;
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${brokerPort}`, {
      protocolVersion: 4,
      clientId: `${parts.site}-${parts.node}-${session}`,
      reconnectPeriod: 0,
      will: {
        topic: buildTopic(parts, "death"),
        payload: Buffer.from(encodeDeath({ session })),
        qos: 1,
        retain: true,
      },
    });
    const node = new SyntheticNode(client, parts, session, options.insecureCommands ?? false);
    await node.#listen();
    await node.#announce();
    return node;
  }

  /** One reading; `at` is in milliseconds of UTC, now unless given. */
  read(values: Partial<Telemetry> = {}, atMillis = Date.now()): Promise<unknown> {
    this.#sequence += 1;
    const telemetry: Telemetry = {
      timeMicros: Math.round(atMillis) * 1_000,
      timeQualityMicros: 250,
      sequence: this.#sequence,
      u1: declaredVolts,
      u2: declaredVolts,
      u3: declaredVolts,
      f: 50,
      flagged: false,
      ...values,
    };
    return this.publish("telemetry", encodeTelemetry(this.name, telemetry), { qos: 0, retain: false });
  }

  report(event: Partial<EventReport> & Pick<EventReport, "kind" | "phase" | "id">): Promise<unknown> {
    this.#sequence += 1;
    const isFrequency = event.kind.endsWith("frequency");
    const whole: EventReport = {
      lines: isFrequency ? [] : [1, 2, 3],
      startMicros: Date.now() * 1_000,
      timeQualityMicros: 250,
      durationMicros: event.phase === "end" ? 840_000 : null,
      extreme: isFrequency ? 48.6 : 12_030,
      unit: isFrequency ? "Hz" : "V",
      sequence: this.#sequence,
      historical: false,
      ...event,
    };
    return this.publish("event", encodeEvent(whole), { qos: 1, retain: false });
  }

  state(services: readonly ServiceState[], uptimeMicros = 3_600_000_000): Promise<unknown> {
    const state = {
      session: this.session,
      timeMicros: Date.now() * 1_000,
      uptimeMicros,
      scheduler: "priority",
      services,
      outbox: { queued: 0, inFlight: 1, stored: 0, dropped: 0 },
      storage: null,
      journal: null,
      boot: { state: "blank", reason: "" },
    };
    return this.publish("state", encodeState(state), { qos: 1, retain: true });
  }

  log(level: LogLevel, service: string, text: string): Promise<unknown> {
    return this.publish("log", encodeLog({ timeMicros: Date.now() * 1_000, level, service, text }), {
      qos: 0,
      retain: false,
    });
  }

  reply(reply: Reply): Promise<unknown> {
    return this.publish("reply", encodeReply(reply), { qos: 1, retain: false });
  }

  publish(kind: TopicKind, payload: Uint8Array, options: { qos: 0 | 1; retain: boolean }): Promise<unknown> {
    return this.#client.publishAsync(buildTopic(this.name, kind), Buffer.from(payload), options);
  }

  /** The connection breaks, as when the power goes: the broker publishes the will. */
  cutPower(): void {
    this.#client.stream.destroy();
  }

  async leave(): Promise<void> {
    await this.#client.endAsync(true);
  }

  async #listen(): Promise<void> {
    this.#client.on("message", (_topic, payload) => this.commands.push(decodeCommand(payload)));
    await this.#client.subscribeAsync(buildTopic(this.name, "command"), { qos: 1 });
  }

  async #announce(): Promise<void> {
    const payload = encodeBirth({
      session: this.session,
      ...this.name,
      model: "simulated",
      firmware: "0.1.0",
      engine: "XS 13.3.0",
      timeMicros: Date.now() * 1_000,
      services: serviceNames.map((name) => ({ name, version: "1.0.0" })),
      metrics: [
        { name: "u1", unit: "V" },
        { name: "u2", unit: "V" },
        { name: "u3", unit: "V" },
        { name: "f", unit: "Hz" },
      ],
      declaredVolts,
      insecureCommands: this.#insecureCommands,
    });
    await this.publish("birth", payload, { qos: 1, retain: true });
  }
}

export const serviceNames = ["sensor", "reporter", "mqtt", "command", "reincarnation", "scheduler"] as const;

/** The services of a node that runs well; `changed` overrides what is said of the sensor. */
export function services(changed: Partial<ServiceState> = {}): ServiceState[] {
  return serviceNames.map((name, index) => ({
    name,
    version: "1.0.0",
    state: "running",
    restarts: 0,
    generation: 1,
    lastFault: null,
    dispatches: 50_000 * (index + 1),
    runMicros: 900_000 - index * 100_000,
    bytes: 9_000 + index * 512,
    queued: 0,
    refused: 0,
    replaced: 0,
    ...(name === "sensor" ? changed : {}),
  }));
}
