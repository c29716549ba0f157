// What the reporter (and whoever else reports) asks of the mqtt service: channel "mqtt".
//
//   publish  Publication → { accepted }   what has a sequence is then kept until the broker has it, an event durably so
//   lost     { count }   → {}             so many readings and events were lost before they could be offered: the state counts them
//   numbers  {}          → Numbers | null where sequences go on, above all that may ever have been used; null: ask again later

export interface Publication {
  /** Last level of the topic name; the mqtt service adds site and node. */
  readonly topic: "telemetry" | "event" | "fault" | "state" | "log" | "reply";
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** Of telemetry and events, each kind counted apart: by it they are kept, and asked for again. Said again, it is the same one. */
  readonly sequence?: number;
}

/** The next sequence of each kind. */
export interface Numbers {
  readonly telemetry: number;
  readonly event: number;
}
