// A command's connection to the broker. It is made once and not repaired: a command that waits for a broker that is gone
// tells less than one that says so.

import { type BrokerAddress, formatBroker } from "cli/broker-address";
import { Failure } from "cli/failure";
import { connectAsync, type MqttClient } from "mqtt";

/** Long enough for a broker across the world, short enough for a person. */
const connectTimeoutMillis = 5_000;

/** `isRetained`: the broker had kept it; it says nothing about now. */
export type Receive = (topic: string, payload: Uint8Array, isRetained: boolean) => void;

export class BrokerLink {
  readonly #client: MqttClient;
  /** Rejects when the broker ends the connection; to be raced with whatever is waited for. */
  readonly lost: Promise<never>;

  constructor(client: MqttClient, address: BrokerAddress) {
    this.#client = client;
    this.lost = new Promise((_, reject) => {
      client.on("close", () => reject(unreachable(address, "a connection that was closed")));
      client.on("error", (error) => reject(unreachable(address, error.message)));
    });
    // Nobody may be waiting at that moment; whoever waits later still gets the rejection.
    this.lost.catch(() => undefined);
  }

  receive(receiver: Receive): void {
    this.#client.on("message", (topic, payload, packet) => receiver(topic, payload, packet.retain));
  }

  async subscribe(...filters: string[]): Promise<void> {
    await Promise.race([this.#client.subscribeAsync(filters, { qos: 1 }), this.lost]);
  }

  async publish(topic: string, payload: Uint8Array): Promise<void> {
    await Promise.race([this.#client.publishAsync(topic, Buffer.from(payload), { qos: 1 }), this.lost]);
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }
}

/** Connects, does the work, and disconnects whatever becomes of it. */
export async function withBroker<Result>(
  address: BrokerAddress,
  work: (link: BrokerLink) => Promise<Result>,
): Promise<Result> {
  const link = await connectBroker(address);
  try {
    return await work(link);
  } finally {
    await link.close();
  }
}

export async function connectBroker(address: BrokerAddress): Promise<BrokerLink> {
  try {
    const client = await connectAsync({
      ...address,
      protocol: "mqtt",
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: connectTimeoutMillis,
    });
    return new BrokerLink(client, address);
  } catch (error) {
    throw unreachable(address, (error as NodeJS.ErrnoException).code ?? (error as Error).message);
  }
}

function unreachable(address: BrokerAddress, found: string): Failure {
  const cure = "start a fleet with npm start, or name another broker with --broker";
  return new Failure(
    "broker-unreachable",
    `Cannot reach the broker at ${formatBroker(address)}: wanted a connection, found ${found}; ${cure}`,
  );
}
