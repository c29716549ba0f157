// What the sensor tells the reporter: one reading a second, and events as they begin and end.

export interface Reading {
  /** Centre of the one-second window, a whole second of UTC, in microseconds. */
  readonly timeMicros: number;
  readonly timeQualityMicros: number | null;
  readonly sequence: number;
  /** Volts rms; null when it could not be measured. */
  readonly u1: number | null;
  readonly u2: number | null;
  readonly u3: number | null;
  /** Hertz; null when invalid (below 10 % of the declared voltage, or a gap). */
  readonly f: number | null;
  /** An event or a gap touched the window. */
  readonly flagged: boolean;
}

export type EventKind = "dip" | "swell" | "interruption" | "under-frequency" | "over-frequency";

export interface GridEvent {
  readonly kind: EventKind;
  readonly phase: "begin" | "end";
  /** The same at begin and end, never used again on this node. */
  readonly id: number;
  /** Affected lines, of 1, 2, 3. */
  readonly lines: readonly number[];
  readonly startMicros: number;
  readonly timeQualityMicros: number | null;
  /** null at begin. */
  readonly durationMicros: number | null;
  /** Residual or maximum volts, or extreme hertz, so far. */
  readonly extreme: number;
  readonly unit: "V" | "Hz";
}
