// What a COMTRADE record says: its configuration, and its samples with the time of each.
//
// COMTRADE is IEEE C37.111 / IEC 60255-24, in the revisions of 1991, 1999 and 2013. The standard itself was not read; what
// is decided here follows public descriptions of it and the records of relays that the tests read.

export type Revision = 1991 | 1999 | 2013;
export type FileType = "ASCII" | "BINARY" | "BINARY32" | "FLOAT32";

export interface AnalogChannel {
  /** As in the file: it rises, and may leave numbers out. */
  readonly number: number;
  readonly name: string;
  readonly phase: string;
  readonly component: string;
  /** Of the values, as the file spells it: `V`, `kV`, `A`. */
  readonly unit: string;
  /** value = multiplier · count + offset */
  readonly multiplier: number;
  readonly offset: number;
  /** How much later than the time of its row a sample was taken. */
  readonly skewMicros: number;
  /** Of the counts. */
  readonly minimum: number;
  readonly maximum: number;
  /** Ratio of the instrument transformer: so much on the primary side is so much on the secondary. 1 and 1 when unknown. */
  readonly primary: number;
  readonly secondary: number;
  /** On which side of the transformer the values stand; null: the file (1991) does not say. */
  readonly side: "primary" | "secondary" | null;
}

export interface DigitalChannel {
  readonly number: number;
  readonly name: string;
  readonly phase: string;
  readonly component: string;
  readonly normalState: 0 | 1;
}

/** Valid up to and with the sample of this number. */
export interface SamplingRate {
  readonly samplesPerSecond: number;
  readonly lastSample: number;
}

export interface Configuration {
  readonly station: string;
  readonly device: string;
  readonly revision: Revision;
  readonly analog: readonly AnalogChannel[];
  readonly digital: readonly DigitalChannel[];
  /** Of the line; 0 when the file does not know. */
  readonly hertz: number;
  /** One rate of 0: only the time stamps of the rows tell the time. */
  readonly rates: readonly SamplingRate[];
  /** Of the first sample, in microseconds of UTC when `zoneMinutes` is known, else as if the file's clock were UTC. */
  readonly startMicros: number;
  readonly triggerMicros: number;
  readonly fileType: FileType;
  /** One unit of a row's time stamp, in microseconds. */
  readonly stampMicros: number;
  /** How far the clock of the file is ahead of UTC; null: not told (before 2013 it never is). */
  readonly zoneMinutes: number | null;
  /** Code of the clock's quality and of leap seconds, as told; null: not told. */
  readonly clockQuality: string | null;
  readonly leapSecond: string | null;
  /** As the text was read: a label of the Encoding standard. */
  readonly encoding: string;
}

export interface ComtradeRecord {
  readonly configuration: Configuration;
  /** Of each row, from the first: it rises. */
  readonly seconds: Float64Array;
  /** Rows in front of which something was not recorded: their distance from the row before is longer than an interval. */
  readonly gaps: readonly number[];
  /** By channel and row, in the channel's unit. A missing value is NaN: a gap, never zero. */
  readonly analog: readonly Float64Array[];
  readonly digital: readonly Uint8Array[];
  readonly header: string | null;
  readonly information: string | null;
  /** What is odd about the file but leaves no doubt about its samples: a sentence each. */
  readonly remarks: readonly string[];
}

/** Factor that carries values of a channel to a side of its instrument transformer; null: the file does not say. */
export function factorTo(side: "primary" | "secondary", channel: AnalogChannel): number | null {
  if (channel.side === null) return null;
  if (channel.side === side) return 1;
  const ratio = channel.primary / channel.secondary;
  return side === "primary" ? ratio : 1 / ratio;
}
