// What a node did between two samples: shares and rates, by its own clock.

import { type Level, levels, type Sample, type ServiceSample, type WaitCounts } from "cli/top-sample";

export interface Load {
  /** Of one processor, 0 to 1. */
  readonly cpuShare: number;
  readonly dispatchesPerSecond: number;
  readonly stepsPerSecond: number;
  /** Now. */
  readonly queued: number;
  readonly bytes: number;
  /** Since the node started. */
  readonly restarts: number;
}

export interface ServiceLoad extends Load {
  readonly name: string;
  readonly state: string;
}

/** Of the messages dispatched in the interval. A bound is null when no message was, or when the last class has no end. */
export interface Waits {
  readonly messages: number;
  readonly medianBelowMicros: number | null;
  readonly p99BelowMicros: number | null;
  readonly maxBelowMicros: number | null;
}

export interface Interval {
  readonly uptimeMicros: number;
  readonly intervalMicros: number;
  readonly scheduler: string;
  readonly highWaitMicros: number;
  readonly waits: Readonly<Record<Level, Waits>> | null;
  readonly total: Load;
  /** The busiest first. */
  readonly services: readonly ServiceLoad[];
}

/** The class that services/api/kernel says has no end. */
const endlessClass = 25;

/** A node that was started anew in between has counted from zero. */
export function compareSamples(earlier: Sample, now: Sample): Interval {
  const before = now.uptimeMicros > earlier.uptimeMicros ? earlier : undefined;
  const intervalMicros = now.uptimeMicros - (before?.uptimeMicros ?? 0);
  const services = now.services.map((service) =>
    loadOf(
      service,
      before?.services.find(({ name }) => name === service.name),
      intervalMicros,
    ),
  );
  const { uptimeMicros, scheduler, highWaitMicros } = now;
  return {
    uptimeMicros,
    intervalMicros,
    scheduler,
    highWaitMicros,
    waits: now.waits === null ? null : compareWaits(before?.waits ?? null, now.waits),
    total: sumOf(services),
    services: services.sort((one, other) => other.cpuShare - one.cpuShare),
  };
}

function loadOf(now: ServiceSample, before: ServiceSample | undefined, intervalMicros: number): ServiceLoad {
  const grown = (figure: "runMicros" | "dispatches" | "steps"): number => now[figure] - (before?.[figure] ?? 0);
  const rate = (count: number): number => (intervalMicros > 0 ? (count / intervalMicros) * 1e6 : 0);
  return {
    name: now.name,
    state: now.state,
    cpuShare: rate(grown("runMicros")) / 1e6,
    dispatchesPerSecond: rate(grown("dispatches")),
    stepsPerSecond: rate(grown("steps")),
    queued: now.queued,
    bytes: now.bytes,
    restarts: now.restarts,
  };
}

function sumOf(loads: readonly Load[]): Load {
  const sum = (figure: keyof Load): number => loads.reduce((total, load) => total + load[figure], 0);
  return {
    cpuShare: sum("cpuShare"),
    dispatchesPerSecond: sum("dispatchesPerSecond"),
    stepsPerSecond: sum("stepsPerSecond"),
    queued: sum("queued"),
    bytes: sum("bytes"),
    restarts: sum("restarts"),
  };
}

function compareWaits(before: Sample["waits"], now: NonNullable<Sample["waits"]>): Record<Level, Waits> {
  const compared = levels.map((level) => [level, boundsOf(now[level], before?.[level] ?? [])] as const);
  return Object.fromEntries(compared) as Record<Level, Waits>;
}

function boundsOf(now: WaitCounts, before: WaitCounts): Waits {
  const counts = now.map((count, index) => count - (before[index] ?? 0));
  const messages = counts.reduce((sum, count) => sum + count, 0);
  const below = (share: number): number | null => {
    let left = Math.max(1, Math.ceil(messages * share));
    const found = counts.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return found === -1 || found >= endlessClass ? null : 2 ** found;
  };
  return { messages, medianBelowMicros: below(0.5), p99BelowMicros: below(0.99), maxBelowMicros: below(1) };
}
