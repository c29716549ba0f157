// The three numbers that say how a measured duration is spread.

export interface Percentiles {
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

/** NaN, which JSON shows as null, where nothing was measured. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { median: at(0.5), p99: at(0.99), max: at(1) };
}
