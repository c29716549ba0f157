// The reporter service: numbers what the sensor found, encodes it, and hands it to mqtt. Readings and events are counted
// apart, so that whoever follows one topic sees each gap as a jump.
//
// What mqtt has not taken waits here and is offered again with whatever comes next, under the same number, so that an answer
// that was lost costs nothing. What is lost here, or before it came here, is told to mqtt too, so that the node's state counts it. Where numbers go on after a power cut only mqtt knows, which keeps them; until it has said so,
// everything waits. A reading that finds no room drops the oldest, which then shows as a gap in the numbers. What waits is
// committed, and so are the numbers: a fault repeats none and forgets nothing.

import { type Context, defineService, isRefusal, type PlainObject } from "lughos";
import type { Numbers, Publication } from "services/api/publication";
import type { GridEvent, Reading } from "services/api/reading";
import type { Settings } from "services/api/settings";
import { formatWorldTime, readWorldClock, type WorldClock } from "services/reporter/world-time";
import { WireError } from "wire/error";
import { encodeEvent } from "wire/event";
import { encodeTelemetry } from "wire/telemetry";
import { formatNodeName, type NodeName } from "wire/topics";

/** As many events as the sensor keeps: some 3 KB. Should more wait, mqtt has been away for minutes. */
const eventsMaximum = 20;

/** Half a minute, in which mqtt has come back from whatever befell it. */
const readingsMaximum = 30;

/** mqtt may have to wait for storage in front of us. */
const patienceMillis = 10_000;

/** Committed. */
interface State {
  /** What comes next; null: mqtt has not said yet. */
  next: Numbers | null;
  readings: Reading[];
  events: GridEvent[];
  /** Readings are reported of every so many seconds. */
  reportSeconds: number;
  /** Readings and events that were lost, and that mqtt does not know of. */
  untold: number;
}

/** What "statistics" answers: since the start of this generation. */
export interface ReporterStatistics {
  /** Taken by mqtt. */
  readonly readings: number;
  readonly events: number;
  /** Found no room here. */
  readonly lostReadings: number;
  readonly lostEvents: number;
  /** Messages that were no reading or event. */
  readonly malformed: number;
  readonly waitingReadings: number;
  readonly waitingEvents: number;
}

let name: NodeName;
let world: WorldClock | null;
let state: State;
let counts: { -readonly [Count in keyof Omit<ReporterStatistics, "waitingReadings" | "waitingEvents">]: number };
/** Losses that the log has been told of. */
let toldLosses: number;

export default defineService({
  version: "1.1.0",
  stateSchema: 2,
  start({ configuration, subscribe }, committed) {
    name = readName(configuration);
    if (configuration.takesSettings === true) subscribe("settings", "settings");
    world = readWorldClock(configuration.world);
    const fresh: State = { next: null, readings: [], events: [], reportSeconds: 1, untold: 0 };
    state = { ...fresh, ...(committed as State | undefined) };
    counts = { readings: 0, events: 0, lostReadings: 0, lostEvents: 0, malformed: 0 };
    toldLosses = 0;
  },
  receive: {
    async reading(reading: Reading, context: Context) {
      // What is no reading goes on to be counted.
      if (Math.round(reading.timeMicros / 1e6) % state.reportSeconds > 0) return;
      if (state.readings.push(reading) > readingsMaximum) dropReading();
      context.commit(state);
      await offer(context);
    },
    async event(event: GridEvent, context: Context) {
      if (state.events.length < eventsMaximum) state.events.push(event);
      else dropEvent();
      context.commit(state);
      await offer(context);
    },
    /** From the sensor: what it could not hand over. */
    lost({ count }: { readonly count: number }, context: Context) {
      if (!Number.isSafeInteger(count) || count < 1) return;
      state.untold += count;
      context.commit(state);
    },
    settings({ reportSeconds }: Settings, context: Context) {
      state.reportSeconds = reportSeconds ?? 1;
      context.commit(state);
    },
    statistics(): ReporterStatistics {
      return { ...counts, waitingReadings: state.readings.length, waitingEvents: state.events.length };
    },
  },
  /** Whether it can make something of what it is given; how much of that mqtt takes is not its doing. */
  health: () => counts.malformed === 0 || counts.readings + counts.events > 0,
});

function readName({ site, node }: PlainObject): NodeName {
  if (typeof site !== "string" || typeof node !== "string")
    throw new TypeError("Cannot start reporter: wanted site and node in its configuration, found none");
  formatNodeName({ site, node });
  return { site, node };
}

/** The oldest: the next one is a second away, and its number shows that this one is missing. */
function dropReading(): void {
  state.readings.shift();
  counts.lostReadings += 1;
  state.untold += 1;
  if (state.next !== null) state.next = { ...state.next, telemetry: state.next.telemetry + 1 };
}

function dropEvent(): void {
  counts.lostEvents += 1;
  state.untold += 1;
}

/** Everything that waits, events first, as far as mqtt takes it. */
async function offer(context: Context): Promise<void> {
  state.next ??= await ask<Numbers | null>("numbers", {}, "MEDIUM", context);
  if (state.next === null) return;
  const encodeGridEvent = (event: GridEvent, sequence: number): Uint8Array =>
    encodeEvent({ ...event, sequence, historical: false });
  const isDone =
    (await offerEach("event", state.events, encodeGridEvent, context)) &&
    (await offerEach("telemetry", state.readings, encodeReading, context));
  if (isDone && state.untold > 0) await tellUntold(context);
  context.commit(state);
  if (isDone) tellLosses(context);
}

/** An answer that was lost has it counted twice. */
async function tellUntold(context: Context): Promise<void> {
  const { untold } = state;
  if ((await ask("lost", { count: untold }, "MEDIUM", context)) !== null) state.untold -= untold;
}

/** False: mqtt does not take more now. A number is used up by what mqtt took. */
async function offerEach<Item>(
  topic: "telemetry" | "event",
  waiting: Item[],
  encode: (item: Item, sequence: number) => Uint8Array,
  context: Context,
): Promise<boolean> {
  for (let item = waiting[0]; item !== undefined; item = waiting[0]) {
    const next = state.next as Numbers;
    const sequence = next[topic];
    const payload = encodeOrCount(() => encode(item as Item, sequence), context);
    if (payload !== null) {
      if (!(await publish({ topic, payload, qos: 1, retain: false, sequence }, context))) return false;
      state.next = { ...next, [topic]: sequence + 1 };
      counts[topic === "event" ? "events" : "readings"] += 1;
    }
    waiting.shift();
  }
  return true;
}

async function publish(publication: Publication, context: Context): Promise<boolean> {
  const priority = publication.topic === "event" ? "HIGH" : "MEDIUM";
  const reply = await ask<{ readonly accepted: boolean }>("publish", publication, priority, context);
  return reply?.accepted === true;
}

/** null when mqtt cannot be reached now: it will be asked again. */
async function ask<Reply>(
  type: string,
  message: object,
  priority: "HIGH" | "MEDIUM",
  context: Context,
): Promise<Reply | null> {
  try {
    return await context.call<Reply>("mqtt", type, message, { priority, deadlineMillis: patienceMillis });
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

function encodeReading(reading: Reading, sequence: number): Uint8Array {
  const worldTime = world === null ? null : formatWorldTime(world, reading.timeMicros);
  const telemetry = { ...reading, sequence };
  return encodeTelemetry(name, worldTime === null ? telemetry : { ...telemetry, worldTime });
}

/** What cannot be encoded came from outside this service: it is counted and told once, and never stops it. */
function encodeOrCount(encode: () => Uint8Array, context: Context): Uint8Array | null {
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
    context.log(
      "warning",
      `mqtt was away too long: ${counts.lostReadings} readings and ${counts.lostEvents} events are lost`,
    );
  toldLosses = losses;
}
