// Dips, swells and interruptions, judged by the rms of one cycle, refreshed each half cycle, on each line by itself.
//
// The moment given to a value is the start of the newer half of its cycle, the middle of the window. Start and end of an
// event then lie within half a cycle of the truth, and a duration is what GRID.md §2 asks for: from the first half cycle
// beyond the limit to the first one back, 0 to 1 cycle more than the truth. Whoever stamps windows at their start (as
// the power-quality practice does) sees events begin 10 ms earlier.

import { createExcursion, type EventLog, type ExcursionState, type Moment } from "services/sensor/excursions";
import { limits } from "services/sensor/limits";

export interface VoltageEvents {
  /** Would `update` change nothing, whatever the line, at this mean square in volts²? Nearly always, and soon told. */
  isCalm(voltsSquared: number): boolean;
  /** The rms of the line's newest cycle. */
  update(line: number, volts: number, moment: Moment): void;
  isOpen(): boolean;
  state(): VoltageEventsState;
}

export interface VoltageEventsState {
  readonly dip: ExcursionState;
  readonly swell: ExcursionState;
  readonly interruption: ExcursionState;
}

export function createVoltageEvents(declaredVolts: number, log: EventLog, state?: VoltageEventsState): VoltageEvents {
  const volts = (ratio: number): number => ratio * declaredVolts;
  const dip = createExcursion(
    { kind: "dip", unit: "V", limit: volts(limits.dipRatio), back: volts(limits.dipEndRatio), linesNeeded: 1 },
    log,
    state?.dip,
  );
  const swell = createExcursion(
    { kind: "swell", unit: "V", limit: volts(limits.swellRatio), back: volts(limits.swellEndRatio), linesNeeded: 1 },
    log,
    state?.swell,
  );
  const interruption = createExcursion(
    {
      kind: "interruption",
      unit: "V",
      limit: volts(limits.interruptionRatio),
      back: volts(limits.interruptionEndRatio),
      linesNeeded: limits.lines,
    },
    log,
    state?.interruption,
  );
  const lowest = volts(limits.dipRatio) ** 2;
  const highest = volts(limits.swellRatio) ** 2;
  let isQuiet = dip.isQuiet() && swell.isQuiet() && interruption.isQuiet();
  return {
    isCalm: (voltsSquared) => isQuiet && voltsSquared >= lowest && voltsSquared <= highest,
    update(line, volts, moment) {
      swell.update(line, volts, moment);
      dip.update(line, volts, moment);
      interruption.update(line, volts, moment);
      isQuiet = dip.isQuiet() && swell.isQuiet() && interruption.isQuiet();
    },
    isOpen: () => dip.isOpen() || swell.isOpen() || interruption.isOpen(),
    state: () => ({ dip: dip.state(), swell: swell.state(), interruption: interruption.state() }),
  };
}
