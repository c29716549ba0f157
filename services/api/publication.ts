// What the reporter (and whoever else reports) asks of the mqtt service: channel "mqtt", type "publish".

export interface Publication {
  /** Last level of the topic name; the mqtt service adds site and node. */
  readonly topic: "telemetry" | "event" | "state" | "log" | "reply";
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}
