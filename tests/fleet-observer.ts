// Watches a fleet as a tool of somebody else would: through the client of `mqtt`, with bytes read and written by cbor-x.

import { randomUUID } from "node:crypto";
import { Encoder } from "cbor-x";
import mqtt, { type MqttClient } from "mqtt";
import { FleetRecord, readObject } from "tests/fleet-record";

export interface HeardReply<Result> {
  readonly requestId: string;
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly result?: Result;
}

/** Of `ps`. */
export interface HeardStatistics {
  readonly services: readonly HeardService[];
  readonly command: { readonly refused: { readonly [code: string]: number } };
}

export interface HeardService {
  readonly name: string;
  readonly state: string;
  readonly generation: number;
  readonly restarts: number;
  readonly lastFault: string | null;
}

const encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });

export class FleetObserver extends FleetRecord {
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    super();
    this.#client = client;
    client.on("message", (topic, payload, packet) => this.hear(topic, payload, packet.retain, Date.now()));
  }

  /** Hears all nodes, and first what the broker kept. */
  static async connect(port: number): Promise<FleetObserver> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, reconnectPeriod: 0 });
    const observer = new FleetObserver(client);
    await client.subscribeAsync("lugh/1/#", { qos: 1 });
    return observer;
  }

  close(): Promise<void> {
    return this.#client.endAsync(true);
  }

  publish(node: string, kind: string, payload: Uint8Array): Promise<unknown> {
    return this.#client.publishAsync(`lugh/1/${node}/${kind}`, Buffer.from(payload), { qos: 1 });
  }

  /** Sends a command and answers what the node replies. */
  async ask<Result = unknown>(node: string, operation: string, argument?: object): Promise<HeardReply<Result>> {
    const requestId = randomUUID();
    await this.publish(node, "command", encodeCommand({ requestId, operation, ...(argument && { argument }) }));
    const replies = (): HeardReply<Result>[] =>
      this.of("reply", node)
        .map(({ payload }) => readObject(payload) as HeardReply<Result>)
        .filter((reply) => reply.requestId === requestId);
    await this.until(() => replies().length > 0);
    return replies()[0] as HeardReply<Result>;
  }

  async services(node: string): Promise<readonly HeardService[]> {
    return (await this.ask<HeardStatistics>(node, "ps")).result?.services ?? [];
  }
}

/** Nodes take deterministic CBOR only (RFC 8949 §4.2.1): keys in the order of their bytes, so shorter ones first. */
export function encodeCommand(command: object): Uint8Array {
  return encoder.encode(inKeyOrder(command));
}

function inKeyOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(inKeyOrder);
  const entries = Object.entries(value).sort(([one], [other]) => one.length - other.length || (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, inKeyOrder(each)]));
}
