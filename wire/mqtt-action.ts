// What goes in and out of an MQTT session (`wire/mqtt-session`): options, the greeting of a connection, and what the
// session wants done.

import type { MqttLimits } from "wire/limits";
import type { PayloadOf } from "wire/mqtt-delivery";
import type { Message } from "wire/mqtt-packet";

export interface MqttSessionOptions {
  /** Unique at the broker; the broker keeps our session under it. */
  readonly clientId: string;
  /** Without traffic for so long a ping goes out; after half as long again without an answer the connection is given up. */
  readonly keepAliveSeconds: number;
  readonly userName?: string;
  readonly password?: Uint8Array;
  readonly limits?: MqttLimits;
  /** Asked as a publication goes out, also for the second time: what waited long may have to say so. */
  readonly payloadOf?: PayloadOf;
}

/** For the node's state. */
export interface MqttSessionStatus {
  readonly phase: Phase;
  readonly queued: number;
  readonly inFlight: number;
  /** Publications that gave way, since the session was made. */
  readonly dropped: number;
}

/** `opening`: the stream is being opened; `greeting`: CONNECT is sent; `waiting`: until the next attempt. */
export type Phase = "stopped" | "waiting" | "opening" | "greeting" | "up";

/** What a connection says of the node: published first, and left with the broker for when it breaks. */
export interface Greeting {
  readonly birth: Message;
  readonly will: Message;
}

export type MqttAction =
  /** Open a byte stream to the broker; `connection` names it in all that follows. */
  | { readonly kind: "connect"; readonly connection: number }
  /** In order and whole. Whoever cannot write now keeps it until then, or closes the stream and says so. */
  | { readonly kind: "write"; readonly connection: number; readonly bytes: Uint8Array }
  /** Close the stream behind what was written. What it still says is ignored. */
  | { readonly kind: "disconnect"; readonly connection: number }
  /** Call `tick` at this time and no longer at the one named before. */
  | { readonly kind: "wake"; readonly atMicros: number }
  | { readonly kind: "up"; readonly isSessionPresent: boolean }
  /** Said of every connection that ended or never came about. */
  | { readonly kind: "down"; readonly reason: string }
  | {
      readonly kind: "deliver";
      readonly topic: string;
      readonly payload: Uint8Array;
      readonly isRetained: boolean;
      readonly isDuplicate: boolean;
    }
  /** The broker answers for it now. */
  | { readonly kind: "acknowledged"; readonly token: number }
  /** Gave way to something more urgent or newer. */
  | { readonly kind: "dropped"; readonly token: number }
  /** A message larger than we take was let go. */
  | { readonly kind: "passed"; readonly lengthBytes: number; readonly limitBytes: number }
  /** The broker refused a subscription. */
  | { readonly kind: "refused"; readonly filter: string };
