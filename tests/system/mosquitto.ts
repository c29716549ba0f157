// A listener and a sender that share no line of code with the nodes: the clients of mosquitto.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { startWitness, type Witness } from "sim/outage/mosquitto";
import { FleetRecord } from "tests/fleet-record";

/** What `mosquitto_sub` heard of a fleet. */
export class MosquittoListener extends FleetRecord {
  #witness: Witness | undefined;

  private constructor() {
    super();
  }

  /** Resolves when the broker has taken the subscription, so that nothing after that is missed. */
  static async start(port: number, filter = "lugh/1/#"): Promise<MosquittoListener> {
    const listener = new MosquittoListener();
    listener.#witness = await startWitness(port, [filter], ({ topic, payload, isRetained, atMillis }) =>
      listener.hear(topic, payload, isRetained, atMillis),
    );
    return listener;
  }

  async stop(): Promise<void> {
    await this.#witness?.stop();
  }
}

/** `mosquitto_pub` at QoS 1; `more` may make it retained. */
export async function publishWithMosquitto(
  port: number,
  topic: string,
  payload: Uint8Array,
  ...more: string[]
): Promise<void> {
  const isEmpty = payload.length === 0;
  const content = isEmpty ? "-n" : "-s";
  const child = spawn("mosquitto_pub", ["-p", `${port}`, "-q", "1", "-t", topic, content, ...more], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.stdin.end(isEmpty ? undefined : payload);
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`mosquitto_pub ended with ${code}`);
}
