// What a world is: the voltages and the frequency of a grid over time, for every node of a simulation.
//
// A world has a clock of its own. It begins at `startMicros`, and it runs on past `endMicros`: what the record held then
// comes again, as often as it takes. `sim/world/play` sets that clock against UTC.

export interface Setpoint {
  readonly atMicros: number;
  /** Phase to neutral, rms, of the three lines. */
  readonly volts: readonly [number, number, number];
  readonly hertz: number;
  /**
   * From here to the next set point all values change along straight lines. With false nothing is known until the next
   * set point: the waveform port delivers no samples, for a guess would be a measurement of nothing.
   */
  readonly continues: boolean;
}

/** The distance of samples that are played: nodes measure 4,000 a second. */
export const sampleMicros = 250;

export interface SampleChunk {
  /** Of the first sample: a multiple of `sampleMicros`. */
  readonly atMicros: number;
  /** The three lines interleaved, in counts. */
  readonly samples: Int32Array;
}

/** A wave that is played to all nodes alike, sample by sample. */
export interface Playback {
  readonly voltsPerCount: number;
  /** What is known with fromMicros ≤ time < toMicros, in order. What lies between two chunks is not known. */
  samples(fromMicros: number, toMicros: number): SampleChunk[];
}

export interface World {
  readonly name: string;
  /** Phase to neutral, rms. */
  readonly declaredVolts: number;
  readonly startMicros: number;
  /** Where it loops; null: it goes on for ever, and its clock means nothing. */
  readonly endMicros: number | null;
  /** How far the clocks of its people are ahead of UTC. */
  readonly zoneMinutes: number;
  /**
   * Set points with fromMicros ≤ atMicros < toMicros, in order, so that ranges that adjoin give each one once. The world
   * begins with one at `startMicros`. Where it loops, two share one moment: the last, which does not continue, and the
   * first. Nodes count from 0, and each sees the grid a little differently, always in the same way.
   */
  setpoints(node: number, fromMicros: number, toMicros: number): Setpoint[];
  /** With it the world has no set points: what nodes measure is this. */
  readonly playback?: Playback;
  /** What a person should know about where it comes from: a sentence each. */
  readonly remarks?: readonly string[];
}

/** There is no such world, or its record is none. The message names what was wanted and found, and the line of a file. */
export class WorldError extends Error {
  override readonly name = "WorldError";
}
