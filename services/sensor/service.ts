// The sensor service: hands blocks of the waveform port to the measurement, and what it finds to the reporter.
//
// A reading that the reporter cannot take is dropped, for the next one is a second away; it is counted, and told with the
// next one that gets through. An event happens once, so it waits here and is offered again with every block.
// The state is committed with whatever was sent: after a fault numbers go on and an open event keeps its id.

import { type Answer, type Context, defineService } from "lughos";
import type { GridEvent, Reading } from "services/api/reading";
import type { Settings } from "services/api/settings";
import type { WaveformBlock } from "services/api/waveform";
import { createMeasurement, type Measurement, type MeasurementState } from "services/sensor/measurement";

/** Begin and end of each kind on a bad day, twice. Should more wait, the reporter has been away for minutes. */
const waitingMaximum = 20;

/** Five seconds of blocks bring several readings, whatever the windows' limits; a sensor that finds none in them does nothing. */
const blocksEnough = 250;

interface State {
  /** As an operator set it; null: as the node was started with. */
  readonly declaredVolts: number | null;
  readonly measurement: MeasurementState;
  readonly waiting: readonly GridEvent[];
}

let measurement: Measurement;
let declaredVolts: number | null;
let waiting: GridEvent[];
/** Since it was last asked whether it works. */
let blocks: number;
let isReporting: boolean;
/** Since the last line of the log about them. */
let lostReadings: number;
let lostEvents: number;
let toldBlocks: number;

export default defineService({
  version: "1.1.0",
  stateSchema: 2,
  start(context, committed) {
    const state = committed as State | undefined;
    declaredVolts = state?.declaredVolts ?? null;
    measurement = measureBy(declaredVolts, state?.measurement, context);
    waiting = [...(state?.waiting ?? [])];
    blocks = 0;
    isReporting = false;
    lostReadings = 0;
    lostEvents = 0;
    toldBlocks = 0;
    if (context.configuration.takesSettings === true) context.subscribe("settings", "settings");
    const answer = context.subscribe("waveform", "block");
    if (answer !== "sent") throw new Error(`Cannot start sensor: wanted the topic "waveform", found ${answer}`);
  },
  receive: {
    block(block: WaveformBlock, context: Context) {
      const { readings, events } = measurement.block(block);
      blocks += 1;
      if (readings.length > 0) isReporting = true;
      if (readings.length + events.length + waiting.length === 0) return;
      for (const event of events) enqueue(event);
      offerWaiting(context);
      for (const reading of readings) report(reading, context);
      save(context);
    },
    /** Of a node that is judged by other volts from now on, numbers and open events go on. */
    settings(settings: Settings, context: Context) {
      const volts = settings.declaredVolts ?? null;
      if (volts === declaredVolts) return;
      declaredVolts = volts;
      measurement = measureBy(declaredVolts, measurement.state(), context);
      save(context);
    },
  },
  health() {
    const isWorking = isReporting || blocks < blocksEnough;
    blocks = 0;
    isReporting = false;
    return isWorking;
  },
});

function measureBy(volts: number | null, state: MeasurementState | undefined, context: Context): Measurement {
  const by = { declaredVolts: volts ?? readDeclaredVolts(context) };
  return createMeasurement(state === undefined ? by : { ...by, state });
}

function save(context: Context): void {
  const state: State = { declaredVolts, measurement: measurement.state(), waiting };
  context.commit(state);
}

function readDeclaredVolts({ configuration }: Context): number {
  const { declaredVolts } = configuration;
  if (typeof declaredVolts === "number") return declaredVolts;
  throw new TypeError(`Cannot start sensor: wanted declaredVolts in its configuration, found ${typeof declaredVolts}`);
}

function enqueue(event: GridEvent): void {
  if (waiting.length < waitingMaximum) waiting.push(event);
  else lostEvents += 1;
}

function offerWaiting(context: Context): void {
  for (let event = waiting[0]; event !== undefined; event = waiting[0]) {
    const answer = context.send("reporter", "event", event, { priority: "HIGH" });
    if (isPassing(answer)) return;
    if (answer !== "sent") lostEvents += 1;
    waiting.shift();
  }
}

/** Will the same message perhaps be taken later? */
function isPassing(answer: "sent" | Answer): boolean {
  return answer === "full" || answer === "dead";
}

function report(reading: Reading, context: Context): void {
  if (context.send("reporter", "reading", reading, { priority: "MEDIUM" }) !== "sent") lostReadings += 1;
  else tellLosses(context);
}

function tellLosses(context: Context): void {
  const count = lostReadings + lostEvents;
  if (count > 0 && context.send("reporter", "lost", { count }, { priority: "MEDIUM" }) === "sent") {
    context.log("warning", `The reporter did not take ${lostReadings} readings; ${lostEvents} events were lost`);
    lostReadings = 0;
    lostEvents = 0;
  }
  const refusedBlocks = measurement.refusedBlocks();
  if (toldBlocks === 0 && refusedBlocks > 0)
    context.log("error", `The waveform port delivered ${refusedBlocks} blocks that are none (told once)`);
  toldBlocks = refusedBlocks;
}
