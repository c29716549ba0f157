// The page's own connection to the broker: MQTT over WebSocket, on the address that served the page.
//
// Every connection starts clean: birth, death and state are retained, so a page that comes late, or back, is told at once
// what holds; what happened while it was away is shown as a gap.

import { reconnectMillis } from "dashboard/page/limits";
import mqtt, { type MqttClient } from "mqtt";

/** `connected`: the broker has also taken the subscriptions, so that from now on nothing is missed. */
export type LinkState = "connecting" | "connected" | "disconnected";

export interface LinkEvents {
  /** Every message, before it is decoded. `isRetained`: the broker kept it; it is not news. */
  received(topic: string, payload: Uint8Array, isRetained: boolean): void;
  changed(state: LinkState): void;
  /** A trouble in words; repeated ones are the caller's to count. */
  failed(what: string): void;
}

export class Link {
  readonly #client: MqttClient;
  #state: LinkState = "connecting";

  constructor(url: string, filters: readonly string[], events: LinkEvents) {
    this.#client = mqtt.connect(url, {
      protocolVersion: 4,
      clean: true,
      clientId: `page-${randomId()}`,
      // Pages that lost the same broker do not come back in the same moment.
      reconnectPeriod: reconnectMillis * (1 + Math.random()),
      connectTimeout: 10_000,
      keepalive: 60,
      resubscribe: false,
      queueQoSZero: false,
      // The alternative runs timers in a worker made from a blob, which the content security policy refuses.
      timerVariant: "native",
    });
    const become = (state: LinkState): void => {
      this.#state = state;
      events.changed(state);
    };
    this.#client.on("connect", () => {
      this.#client.subscribe([...filters], { qos: 1 }, (error) => {
        if (error) events.failed(`subscribing: ${error.message}`);
        else become("connected");
      });
    });
    this.#client.on("close", () => become("disconnected"));
    this.#client.on("reconnect", () => become("connecting"));
    this.#client.on("error", (error) => events.failed(`broker link: ${error.message}`));
    this.#client.on("message", (topic, payload, packet) => events.received(topic, payload, packet.retain));
  }

  get state(): LinkState {
    return this.#state;
  }

  /** At most once, and refused while there is no connection: a command must not lie in a queue and surprise somebody. */
  async publish(topic: string, payload: Uint8Array): Promise<void> {
    if (this.#state !== "connected") throw new Error("Cannot send: wanted a connection to the broker, found none");
    // MQTT.js types payloads as Node's Buffer, and takes any byte array.
    await this.#client.publishAsync(topic, payload as Parameters<MqttClient["publish"]>[1], { qos: 0 });
  }
}

/** 64 bits of chance, in hexadecimal. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
