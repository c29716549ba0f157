// Waveform blocks in; readings and events out. Pure: no clock, no messages; what it knows of time stands in the blocks.
//
// Three scanners cut the samples into half cycles. Each half cycle goes to the second that it belongs to, and the last
// two of a line, one cycle, are judged for events. Where the samples have a gap, or the clock steps, every window begins
// anew: nothing is bridged. Open events outlive a gap, since ending them would be a guess.

import type { GridEvent, Reading } from "services/api/reading";
import type { WaveformBlock } from "services/api/waveform";
import type { EventLog, Moment } from "services/sensor/excursions";
import { createFrequencyEvents, type FrequencyEventsState } from "services/sensor/frequency-events";
import { createLineScanner, type HalfCycle, type HalfCycleList, type LineScanner } from "services/sensor/half-cycles";
import { limits } from "services/sensor/limits";
import { createSeconds } from "services/sensor/seconds";
import { createVoltageEvents, type VoltageEventsState } from "services/sensor/voltage-events";

export interface MeasurementOptions {
  /** Phase to neutral, rms. */
  readonly declaredVolts: number;
  /** Default: 4,000. Blocks of another rate are refused. */
  readonly samplesPerSecond?: number;
  /** What `state()` said earlier: numbering and open events go on from there; windows begin anew. */
  readonly state?: MeasurementState;
}

/** Plain data. Small: it is committed with every reading. */
export interface MeasurementState {
  readonly nextEvent: number;
  readonly nextReading: number;
  readonly voltage: VoltageEventsState;
  readonly frequency: FrequencyEventsState;
}

/** Valid until the next call of `block`. Events stand in the order in which they were found. */
export interface Findings {
  readonly readings: readonly Reading[];
  readonly events: readonly GridEvent[];
}

export interface Measurement {
  /** Takes the next block. Allocates nothing unless there is something to tell. */
  block(block: WaveformBlock): Findings;
  state(): MeasurementState;
  /** Blocks that could not be used: wrong rate or length, times or scale that are no numbers. They count as gaps. */
  refusedBlocks(): number;
}

export function createMeasurement(options: MeasurementOptions): Measurement {
  const { declaredVolts, samplesPerSecond = 4_000, state } = options;
  if (!(declaredVolts > 0 && declaredVolts < Infinity))
    throw new RangeError(`Cannot measure: wanted declaredVolts above 0, found ${declaredVolts}`);
  const microsPerSample = 1_000_000 / samplesPerSecond;
  const weakVolts = limits.frequencyRatio * declaredVolts;
  const deadBandVolts = limits.deadBandRatio * declaredVolts * Math.SQRT2;
  const readings: Reading[] = [];
  const events: GridEvent[] = [];
  const findings: Findings = { readings, events };
  let nextEvent = state?.nextEvent ?? 1;
  let nextReading = state?.nextReading ?? 1;
  const log: EventLog = { nextId: () => nextEvent++, report: (event) => events.push(event) };
  const voltageEvents = createVoltageEvents(declaredVolts, log, state?.voltage);
  const frequencyEvents = createFrequencyEvents(samplesPerSecond, log, state?.frequency);
  const seconds = createSeconds(samplesPerSecond);
  const closed: HalfCycleList = { items: [], count: 0 };
  const lines: Line[] = [];
  for (let line = 0; line < limits.lines; line++)
    lines.push({ scanner: createLineScanner(line, samplesPerSecond, closed), squares: 0, length: 0, isWeak: false });
  let refused = 0;
  /** The block in hand: where and when it begins, and what its successor must say to follow on it. */
  let position = 0;
  let timeMicros = 0;
  let qualityMicros: number | null = null;
  let voltsPerCount = 0;
  let endPosition = -1;
  let endMicros = 0;
  /** The second that is reported next; null before the first block. */
  let openSecond: number | null = null;
  const moment: Moment = { micros: 0, qualityMicros: null };

  function block(next: WaveformBlock): Findings {
    readings.length = 0;
    events.length = 0;
    if (!isUsable(next, samplesPerSecond)) {
      refused += 1;
      return findings;
    }
    const isContinued = follows(next);
    if (!isContinued) leaveWindows(secondOf(next.timeMicros));
    adopt(next);
    if (!isContinued) beginWindows();
    for (const line of lines) line.scanner.scan(next.samples, position);
    sortByEnd(closed);
    for (let index = 0; index < closed.count; index++) judge(closed.items[index] as HalfCycle);
    closed.count = 0;
    closeSeconds();
    return findings;
  }

  function follows(next: WaveformBlock): boolean {
    const stepMicros = Math.abs(next.timeMicros - endMicros);
    return (
      next.sequence === endPosition && stepMicros <= limits.clockStepMicros && next.voltsPerCount === voltsPerCount
    );
  }

  function adopt(next: WaveformBlock): void {
    position = next.sequence;
    timeMicros = next.timeMicros;
    qualityMicros = next.timeQualityMicros;
    voltsPerCount = next.voltsPerCount;
    endPosition = position + next.samples.length / limits.lines;
    endMicros = microsAt(endPosition);
  }

  /** Ends what a gap or a step of the clock cuts off, but keeps the second in which it goes on. */
  function leaveWindows(nextSecond: number): void {
    if (openSecond === null) return;
    seconds.cut(secondOf(endMicros - microsPerSample));
    for (const second of [openSecond, openSecond + 1]) if (second !== nextSecond) closeSecond(second);
    seconds.cut(nextSecond);
  }

  function beginWindows(): void {
    openSecond = secondOf(timeMicros);
    for (let line = 0; line < limits.lines; line++) {
      const { scanner } = forgetCycle(lines[line] as Line);
      scanner.restart(position, voltsPerCount, deadBandVolts);
      frequencyEvents.restart(line);
    }
  }

  function judge(halfCycle: HalfCycle): void {
    const line = lines[halfCycle.line] as Line;
    const second = secondOf(microsAt((halfCycle.begin + halfCycle.end) / 2));
    seconds.add(halfCycle, second);
    if (halfCycle.shape === "partial") forgetCycle(line);
    else judgeCycle(line, halfCycle, second);
    judgeZero(line, halfCycle, second);
  }

  /** The cycle that ends with this half cycle, if the half before it is known. */
  function judgeCycle(line: Line, halfCycle: HalfCycle, second: number): void {
    const length = halfCycle.end - halfCycle.begin;
    if (line.length > 0) {
      const volts = Math.sqrt((line.squares + halfCycle.squares) / (line.length + length));
      voltageEvents.update(halfCycle.line, volts, setMoment(halfCycle.begin));
      if (voltageEvents.isOpen()) seconds.flag(second);
      line.isWeak = volts < weakVolts;
      if (line.isWeak && lines.every(isWeak)) frequencyEvents.lose();
    }
    line.squares = halfCycle.squares;
    line.length = length;
  }

  function judgeZero(line: Line, halfCycle: HalfCycle, second: number): void {
    if (line.isWeak || halfCycle.shape === "timed") {
      seconds.breakFrequency(halfCycle.line, second);
      frequencyEvents.restart(halfCycle.line);
    } else if (halfCycle.isRising) {
      const zero = setMoment(halfCycle.end);
      seconds.addZero(halfCycle.line, halfCycle.end, secondOf(zero.micros));
      frequencyEvents.addZero(halfCycle.line, halfCycle.end, zero);
    }
  }

  function closeSeconds(): void {
    while (openSecond !== null && endMicros >= (openSecond + 0.5) * 1_000_000 + limits.settleMicros) {
      closeSecond(openSecond);
      openSecond += 1;
    }
  }

  function closeSecond(second: number): void {
    const values = seconds.take(second);
    if (values === null) return;
    const { volts, hertz: f, isFlagged: flagged } = values;
    const [u1 = null, u2 = null, u3 = null] = volts;
    const sequence = nextReading++;
    readings.push({
      timeMicros: second * 1_000_000,
      timeQualityMicros: qualityMicros,
      sequence,
      u1,
      u2,
      u3,
      f,
      flagged,
    });
  }

  function microsAt(at: number): number {
    return timeMicros + (at - position) * microsPerSample;
  }

  function setMoment(at: number): Moment {
    moment.micros = Math.round(microsAt(at));
    moment.qualityMicros = qualityMicros;
    return moment;
  }

  function currentState(): MeasurementState {
    return { nextEvent, nextReading, voltage: voltageEvents.state(), frequency: frequencyEvents.state() };
  }

  return { block, state: currentState, refusedBlocks: () => refused };
}

/** A line's scanner and the half cycle before the newest one; `length` 0: none that could be half of a cycle. */
interface Line {
  readonly scanner: LineScanner;
  squares: number;
  length: number;
  /** Its last cycle was below the voltage that a frequency needs. */
  isWeak: boolean;
}

function forgetCycle(line: Line): Line {
  line.length = 0;
  return line;
}

function isWeak(line: Line): boolean {
  return line.isWeak;
}

/** The whole second of UTC that is nearest. */
function secondOf(micros: number): number {
  return Math.floor(micros / 1_000_000 + 0.5);
}

function isUsable(block: WaveformBlock, samplesPerSecond: number): boolean {
  const { samples, voltsPerCount, timeMicros, sequence } = block;
  return (
    block.samplesPerSecond === samplesPerSecond &&
    samples instanceof Int32Array &&
    samples.length > 0 &&
    samples.length % limits.lines === 0 &&
    voltsPerCount > 0 &&
    voltsPerCount < Infinity &&
    Number.isFinite(timeMicros) &&
    Number.isFinite(sequence)
  );
}

/** The scanners fill the list line by line; events want the order of time. Some six items, nearly in order. */
function sortByEnd({ items, count }: HalfCycleList): void {
  for (let index = 1; index < count; index++) {
    const item = items[index] as HalfCycle;
    let at = index;
    for (; at > 0 && (items[at - 1] as HalfCycle).end > item.end; at--) items[at] = items[at - 1] as HalfCycle;
    items[at] = item;
  }
}
