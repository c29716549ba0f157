// Every number that the measurement decides by, with its reason. Ratios are of the declared voltage.
// Thresholds of events are those of the power-quality practice behind GRID.md §2 (not read in the standards themselves).

export const limits = Object.freeze({
  nominalHertz: 50,
  lines: 3,

  /** A dip begins below 90 % and ends at 92 %: the 2 % between keep a voltage that trembles at the limit one event. */
  dipRatio: 0.9,
  dipEndRatio: 0.92,
  swellRatio: 1.1,
  swellEndRatio: 1.08,
  /** All lines below 5 % are an interruption; it ends with the first line at 7 %. */
  interruptionRatio: 0.05,
  interruptionEndRatio: 0.07,

  /** Below 10 % there is a wave at best, but no grid: its frequency is invalid, never a number (GRID N2). */
  frequencyRatio: 0.1,
  underHertz: 49.5,
  overHertz: 50.5,
  /** A band of 20 mHz: ten times what noise of 0.1 % moves a value of five cycles, a fifth of a second of a real decline. */
  hysteresisHertz: 0.02,
  /** Cycles of one value for events: few enough to report an end 0.25 s after it, enough for 5 mHz in noise of 0.2 %. */
  eventCycles: 5,
  /** A line judges the frequency only after those of lower number were silent for so long. */
  referencePatienceMicros: 300_000,

  /** A zero crossing counts once the wave is 2 % of the declared peak beyond zero: above noise, below any interruption. */
  deadBandRatio: 0.02,
  /** Half cycles shorter than this (in nominal ones) are echoes of noise; 0.6 lets waves up to 83 Hz through. */
  shortestHalfCycle: 0.6,
  /** Without a crossing for so long (33 Hz) there is no wave to follow, and nominal timing takes over. */
  longestHalfCycle: 1.5,
  /** Converters of 24 bits stop here. */
  largestCount: 8_388_607,
  /** A sine of this rms, relative to the largest count, reaches 90 % of it: beyond, what was measured may be cut off. */
  clippedRatio: 0.636,
  /** Samples of a line in a block; the scanner takes them in groups of eight. */
  blockSamples: 80,

  /** A second of which less was sampled has no reading. Above a half, so that gaps between whole seconds are clear cases. */
  coverageRatio: 0.6,
  /** Below this its reading is flagged. Half cycles astride the edges leave a whole second between 0.98 and 1.02. */
  completeRatio: 0.95,
  /** After the end of a second: the longest half cycle astride its end is closed by then, so that the sums are whole. */
  settleMicros: 20_000,
  /** A step of the clock beyond this cuts the windows. A smaller one moves the edge of a second by 0.1 % of it at most. */
  clockStepMicros: 1_000,
});
