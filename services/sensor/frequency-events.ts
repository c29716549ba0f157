// Under- and over-frequency, judged at each cycle by values of five whole cycles.
//
// A jump of the phase angle (a fault somewhere, a switched line) moves such a value by half a hertz for each 18 degrees,
// as long as its cycles hold the jump. So the median of three values decides that follow each other without sharing a
// cycle: one jump spoils one of them at most, and neither begins nor ends an event. The price is 0.2 s.

import { createExcursion, type EventLog, type ExcursionState, type Moment } from "services/sensor/excursions";
import { limits } from "services/sensor/limits";

export interface FrequencyEvents {
  /** The wave of a line came up through zero at `position`, in samples. */
  addZero(line: number, position: number, moment: Moment): void;
  /** The line's next zero follows on nothing. */
  restart(line: number): void;
  /** No line has a frequency any more: an open event ends with the last value. */
  lose(): void;
  state(): FrequencyEventsState;
}

export interface FrequencyEventsState {
  readonly under: ExcursionState;
  readonly over: ExcursionState;
}

/** The newest zeros of one line, in samples, in a ring. */
interface Zeros {
  readonly positions: number[];
  next: number;
  count: number;
}

export function createFrequencyEvents(
  samplesPerSecond: number,
  log: EventLog,
  state?: FrequencyEventsState,
): FrequencyEvents {
  const { underHertz, overHertz, hysteresisHertz, eventCycles } = limits;
  const ownLog: EventLog = {
    nextId: log.nextId,
    report: (event) => log.report({ ...event, lines: [1, 2, 3] }),
  };
  const under = createExcursion(
    { kind: "under-frequency", unit: "Hz", limit: underHertz, back: underHertz + hysteresisHertz, linesNeeded: 1 },
    ownLog,
    state?.under,
  );
  const over = createExcursion(
    { kind: "over-frequency", unit: "Hz", limit: overHertz, back: overHertz - hysteresisHertz, linesNeeded: 1 },
    ownLog,
    state?.over,
  );
  /** Three values, which have four ends. */
  const size = 3 * eventCycles + 1;
  const eventSamples = eventCycles * samplesPerSecond;
  const zeros: Zeros[] = [];
  for (let line = 0; line < limits.lines; line++) zeros.push({ positions: new Array(size).fill(0), next: 0, count: 0 });
  /** The line that is believed, and its newest zero. */
  let reference = 0;
  const newest: Moment = { micros: -Infinity, qualityMicros: null };
  let isQuiet = under.isQuiet() && over.isQuiet();
  const begin: Moment = { micros: 0, qualityMicros: null };

  function addZero(line: number, position: number, moment: Moment): void {
    const ring = zeros[line] as Zeros;
    ring.positions[ring.next] = position;
    ring.next = ring.next + 1 === size ? 0 : ring.next + 1;
    ring.count += 1;
    if (ring.count >= size && isBelieved(line, moment)) judge(ring, position, moment);
  }

  /** A line of higher number is heard only after the reference was silent for a while. */
  function isBelieved(line: number, moment: Moment): boolean {
    if (line > reference && moment.micros - newest.micros < limits.referencePatienceMicros) return false;
    reference = line;
    newest.micros = moment.micros;
    newest.qualityMicros = moment.qualityMicros;
    return true;
  }

  /**
   * While no event is open, a newest value inside settles it: would the two before have been outside, then an event
   * would have begun with them.
   */
  function judge(ring: Zeros, last: number, end: Moment): void {
    const third = zeroBefore(ring, eventCycles);
    const newestHertz = eventSamples / (last - third);
    if (isQuiet && newestHertz >= underHertz && newestHertz <= overHertz) return;
    const second = zeroBefore(ring, 2 * eventCycles);
    const first = zeroBefore(ring, 3 * eventCycles);
    const hertz = median(newestHertz, eventSamples / (third - second), eventSamples / (second - first));
    begin.micros = end.micros - ((last - second) * 1_000_000) / samplesPerSecond;
    begin.qualityMicros = end.qualityMicros;
    under.update(0, hertz, begin);
    over.update(0, hertz, begin);
    isQuiet = under.isQuiet() && over.isQuiet();
  }

  function zeroBefore({ positions, next }: Zeros, back: number): number {
    return positions[(next - 1 - back + size) % size] as number;
  }

  function restart(line: number): void {
    (zeros[line] as Zeros).count = 0;
  }

  function lose(): void {
    under.end(newest);
    over.end(newest);
    isQuiet = true;
  }

  return { addZero, restart, lose, state: () => ({ under: under.state(), over: over.state() }) };
}

function median(one: number, two: number, three: number): number {
  return Math.max(Math.min(one, two), Math.min(Math.max(one, two), three));
}
