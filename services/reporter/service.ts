// The reporter service: numbers what the sensor found, encodes it, and hands it to mqtt. Readings and events are counted
// apart, so that whoever follows one topic sees each gap as a jump.
//
// A reading that mqtt cannot take is dropped and shows as such a gap, since the next one is a second away. An event waits
// here, encoded, and is offered again with whatever comes next. Numbers are committed as they are used, and so are
// waiting events: a fault repeats no number and forgets no event.

import { type Answer, type Context, defineService, type PlainObject } from "lughos";
import type { Publication } from "services/api/publication";
import type { GridEvent, Reading } from "services/api/reading";
import { formatWorldTime, readWorldClock, type WorldClock } from "services/reporter/world-time";
import { WireError } from "wire/error";
import { encodeEvent } from "wire/event";
import { encodeTelemetry } from "wire/telemetry";
import { formatNodeName, type NodeName } from "wire/topics";

/** As many as the sensor keeps: some 3 KB. Should more wait, mqtt has been away for minutes. */
const waitingMaximum = 20;

/** Committed. Numbers say what comes next. */
interface State {
  nextReading: number;
  nextEvent: number;
  waiting: Uint8Array[];
}

/** What "statistics" answers: since the start of this generation. */
export interface ReporterStatistics {
  readonly readings: number;
  readonly events: number;
  /** Readings that mqtt did not take, events that did not fit into the queue or were refused for good. */
  readonly lostReadings: number;
  readonly lostEvents: number;
  /** Messages that were no reading or event. */
  readonly malformed: number;
  readonly waitingEvents: number;
}

let name: NodeName;
let world: WorldClock | null;
let state: State;
let counts: { -readonly [Count in keyof ReporterStatistics]: number };
/** Losses that the log has been told of. */
let toldLosses: number;

export default defineService({
  version: "1.0.0",
  stateSchema: 1,
  start({ configuration }, committed) {
    name = readName(configuration);
    world = readWorldClock(configuration.world);
    state = (committed as State | undefined) ?? { nextReading: 1, nextEvent: 1, waiting: [] };
    counts = { readings: 0, events: 0, lostReadings: 0, lostEvents: 0, malformed: 0, waitingEvents: 0 };
    toldLosses = 0;
  },
  receive: {
    reading(reading: Reading, context: Context) {
      offerWaiting(context);
      const payload = encodeReading(reading, context);
      if (payload === null) return;
      state.nextReading += 1;
      const isSent = publish("telemetry", payload, context) === "sent";
      counts[isSent ? "readings" : "lostReadings"] += 1;
      if (isSent) tellLosses(context);
      context.commit(state);
    },
    event(event: GridEvent, context: Context) {
      const payload = encodeGridEvent(event, context);
      if (payload === null) return;
      state.nextEvent += 1;
      if (state.waiting.length < waitingMaximum) state.waiting.push(payload);
      else counts.lostEvents += 1;
      offerWaiting(context);
      context.commit(state);
    },
    statistics(): ReporterStatistics {
      return { ...counts, waitingEvents: state.waiting.length };
    },
  },
});

function readName({ site, node }: PlainObject): NodeName {
  if (typeof site !== "string" || typeof node !== "string")
    throw new TypeError("Cannot start reporter: wanted site and node in its configuration, found none");
  formatNodeName({ site, node });
  return { site, node };
}

function offerWaiting(context: Context): void {
  for (let payload = state.waiting[0]; payload !== undefined; payload = state.waiting[0]) {
    const answer = publish("event", payload, context);
    if (answer === "full" || answer === "dead") return;
    counts[answer === "sent" ? "events" : "lostEvents"] += 1;
    state.waiting.shift();
  }
}

function publish(topic: "telemetry" | "event", payload: Uint8Array, context: Context): "sent" | Answer {
  const publication: Publication = { topic, payload, qos: 1, retain: false };
  return context.send("mqtt", "publish", publication, { priority: topic === "event" ? "HIGH" : "MEDIUM" });
}

function encodeReading(reading: Reading, context: Context): Uint8Array | null {
  return encodeOrCount(context, () => {
    const worldTime = world === null ? null : formatWorldTime(world, reading.timeMicros);
    const telemetry = { ...reading, sequence: state.nextReading };
    return encodeTelemetry(name, worldTime === null ? telemetry : { ...telemetry, worldTime });
  });
}

function encodeGridEvent(event: GridEvent, context: Context): Uint8Array | null {
  return encodeOrCount(context, () => encodeEvent({ ...event, sequence: state.nextEvent, historical: false }));
}

/** What cannot be encoded came from outside this service: it is counted and told once, and never stops it. */
function encodeOrCount(context: Context, encode: () => Uint8Array): Uint8Array | null {
  try {
    return encode();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    if (counts.malformed === 0) context.log("error", `${error.message} (told once)`);
    counts.malformed += 1;
    return null;
  }
}

function tellLosses(context: Context): void {
  const losses = counts.lostReadings + counts.lostEvents;
  if (losses > toldLosses)
    context.log("warning", `mqtt did not take ${counts.lostReadings} readings; ${counts.lostEvents} events were lost`);
  toldLosses = losses;
}
