// A recording in the Trace Event Format ("JSON Object Format", Google, 2016), which Perfetto and chrome://tracing open: one
// process for the node, one track for each service, times in microseconds since the node started.

import type { Gap, Recording } from "cli/trace-recording";
import type { TracedDispatch } from "wire/trace";

export interface TraceEvent {
  /** X: complete, i: instant, M: metadata. */
  readonly ph: "X" | "i" | "M";
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  /** Of an instant: it belongs to its thread, or to everything. */
  readonly s?: "t" | "g";
  readonly args?: { readonly [name: string]: unknown };
}

export interface TraceFile {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: "ms";
  readonly metadata: { readonly [name: string]: unknown };
}

const pid = 1;
/** What was not recorded has a track of its own, above all services. */
const gapTrack = 0;

export function composeTrace(node: string, { dispatches, gaps, lost }: Recording): TraceFile {
  const services = [...new Set(dispatches.map(({ service }) => service))];
  const trackOf = (service: string): number => services.indexOf(service) + 1;
  const events = [
    ...dispatches.flatMap((dispatch) => eventsOf(dispatch, trackOf(dispatch.service))),
    ...gaps.flatMap(eventsOfGap),
  ];
  return {
    traceEvents: [
      describe("process_name", gapTrack, node),
      ...(gaps.length > 0 ? [describe("thread_name", gapTrack, "not recorded")] : []),
      ...services.map((service) => describe("thread_name", trackOf(service), service)),
      ...events.sort((one, other) => (one.ts ?? 0) - (other.ts ?? 0)),
    ],
    displayTimeUnit: "ms",
    metadata: { node, dispatches: dispatches.length, lost, gaps: gaps.length },
  };
}

function describe(name: string, tid: number, text: string): TraceEvent {
  return { ph: "M", name, pid, tid, args: { name: text } };
}

/** What did not end well has an instant at its end: a service that faults is seen at a glance. */
function eventsOf(dispatch: TracedDispatch, tid: number): TraceEvent[] {
  const { timeMicros, micros, type, kind, sender, priority, steps, outcome, sequence } = dispatch;
  const name = type === "" ? kind : type;
  const args = { sender, priority, steps, outcome, sequence };
  const ran: TraceEvent = { ph: "X", name, cat: kind, pid, tid, ts: timeMicros, dur: micros, args };
  if (outcome === "ok") return [ran];
  const end = timeMicros + micros;
  return [ran, { ph: "i", name: outcome, cat: "fault", s: "t", pid, tid, ts: end, args: { type: name, sequence } }];
}

function eventsOfGap({ startMicros, endMicros, dispatches }: Gap): TraceEvent[] {
  const name = dispatches === null ? "the node was started anew" : `${dispatches} dispatches not recorded`;
  const args = { dispatches };
  return [
    { ph: "i", name, cat: "gap", s: "g", pid, tid: gapTrack, ts: startMicros, args },
    { ph: "X", name, cat: "gap", pid, tid: gapTrack, ts: startMicros, dur: endMicros - startMicros, args },
  ];
}
