// The sensor service: hands blocks of the waveform port to the measurement, and what it finds to the reporter.
//
// A reading that the reporter cannot take is dropped, for the next one is a second away; it is counted, and told with the
// next one that gets through. An event happens once, so it waits here and is offered again with every block.
// The state is committed with whatever was sent: after a fault numbers go on and an open event keeps its id.

import { type Answer, type Context, defineService } from "lughos";
import type { GridEvent, Reading } from "services/api/reading";
import type { WaveformBlock } from "services/api/waveform";
import { createMeasurement, type Measurement, type MeasurementState } from "services/sensor/measurement";

/** Begin and end of each kind on a bad day, twice. Should more wait, the reporter has been away for minutes. */
const waitingMaximum = 20;

/** Five seconds of blocks bring several readings, whatever the windows' limits; a sensor that finds none in them does nothing. */
const blocksEnough = 250;

interface State {
  readonly measurement: MeasurementState;
  readonly waiting: readonly GridEvent[];
}

let measurement: Measurement;
let waiting: GridEvent[];
/** Since it was last asked whether it works. */
let blocks: number;
let isReporting: boolean;
/** Since the last line of the log about them. */
let lostReadings: number;
let lostEvents: number;
let toldBlocks: number;

export default defineService({
  version: "1.0.0",
  stateSchema: 1,
  start(context, committed) {
    const state = committed as State | undefined;
    const declaredVolts = readDeclaredVolts(context);
    measurement = createMeasurement(
      state === undefined ? { declaredVolts } : { declaredVolts, state: state.measurement },
    );
    waiting = [...(state?.waiting ?? [])];
    blocks = 0;
    isReporting = false;
    lostReadings = 0;
    lostEvents = 0;
    toldBlocks = 0;
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
      context.commit({ measurement: measurement.state(), waiting });
    },
  },
  health() {
    const isWorking = isReporting || blocks < blocksEnough;
    blocks = 0;
    isReporting = false;
    return isWorking;
  },
});

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
  if (lostReadings + lostEvents > 0)
    context.log("warning", `The reporter did not take ${lostReadings} readings; ${lostEvents} events were lost`);
  const refusedBlocks = measurement.refusedBlocks();
  if (toldBlocks === 0 && refusedBlocks > 0)
    context.log("error", `The waveform port delivered ${refusedBlocks} blocks that are none (told once)`);
  lostReadings = 0;
  lostEvents = 0;
  toldBlocks = refusedBlocks;
}
