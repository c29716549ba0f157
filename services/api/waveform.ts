// The topic "waveform": sampled voltages of three phases, published by the device port of the same name.
// A jump of `sequence` beyond `samples.length / 3` is a gap; what lies in it was never measured.

export interface WaveformBlock {
  /** 80 samples of three phases, interleaved L1 L2 L3, in counts. */
  readonly samples: Int32Array;
  readonly voltsPerCount: number;
  readonly samplesPerSecond: number;
  /** Of the first sample: microseconds of UTC. */
  readonly timeMicros: number;
  /** Bound of the error of `timeMicros`; null when the clock was never set. */
  readonly timeQualityMicros: number | null;
  /** Of the first sample, counted from the start of the device. */
  readonly sequence: number;
}
