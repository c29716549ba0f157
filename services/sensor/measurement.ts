// Waveform blocks in; readings and events out. Pure: no clock, no messages; what it knows of time stands in the blocks.
//
// Three scanners cut the samples into half cycles. Each half cycle goes to the second that it belongs to, and the last
// two of a line, one cycle, are judged for events. Where the samples have a gap, or the clock steps, every window begins
// anew: nothing is bridged. Open events outlive a gap, since ending them would be a guess.

import type { GridEvent, Reading } from "services/api/reading";
import type { WaveformBlock } from "services/api/waveform";
import type { EventLog, Moment } from "services/sensor/excursions";
import { createFrequencyEvents, type FrequencyEventsState } from "services/sensor/frequency-events";
import { createLineScanner, type HalfCycle, type LineScanner } from "services/sensor/half-cycles";
import { limits } from "services/sensor/limits";
import { addZero, createSeconds, type Slot } from "services/sensor/seconds";
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
  const weakVoltsSquared = (limits.frequencyRatio * declaredVolts) ** 2;
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
  const lines: Line[] = [];
  for (let line = 0; line < limits.lines; line++)
    lines.push({
      scanner: createLineScanner(line, samplesPerSecond, judge),
      slot: seconds.slotOf(line, 0),
      squares: 0,
      length: 0,
      isWeak: false,
    });
  /** Cycles of this block that matter to voltage events. */
  const notable: Cycle[] = [];
  let refused = 0;
  /** The block in hand: where and when it begins, and what its successor must say to follow on it. */
  let position = 0;
  let timeMicros = 0;
  let qualityMicros: number | null = null;
  let voltsPerCount = 0;
  let endPosition = -1;
  let endMicros = 0;
  /** The second in which the block begins, and the position at which that ends. */
  let second = 0;
  let secondEnd = 0;
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
    for (let line = 0; line < limits.lines; line++) (lines[line] as Line).scanner.scan(next.samples, position);
    if (notable.length > 0) judgeNotable();
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
    endPosition = position + limits.blockSamples;
    endMicros = microsAt(endPosition);
    second = secondOf(timeMicros);
    secondEnd = position + ((second + 0.5) * 1_000_000 - timeMicros) / microsPerSample;
  }

  /** Ends what a gap or a step of the clock cuts off, but keeps the second in which it goes on. */
  function leaveWindows(nextSecond: number): void {
    if (openSecond === null) return;
    seconds.cut(secondOf(endMicros - microsPerSample));
    for (const second of [openSecond, openSecond + 1]) if (second !== nextSecond) closeSecond(second);
    seconds.cut(nextSecond);
  }

  function beginWindows(): void {
    openSecond = second;
    for (let line = 0; line < limits.lines; line++) {
      const { scanner } = forgetCycle(lines[line] as Line);
      scanner.restart(position, voltsPerCount, deadBandVolts);
      frequencyEvents.restart(line);
    }
  }

  function judge(halfCycle: HalfCycle): void {
    const line = lines[halfCycle.line] as Line;
    const { begin, end, squares } = halfCycle;
    const slot = slotAt(line, halfCycle.line, (begin + end) / 2);
    slot.squares += squares;
    slot.length += end - begin;
    if (halfCycle.isClipped) slot.isClipped = true;
    if (halfCycle.shape === "partial") forgetCycle(line);
    else judgeCycle(line, halfCycle);
    if (line.isWeak || halfCycle.shape === "timed") {
      slot.isBroken = true;
      frequencyEvents.restart(halfCycle.line);
    } else if (halfCycle.isRising) {
      addZero(slotAt(line, halfCycle.line, end), end);
      frequencyEvents.addZero(halfCycle.line, end, setMoment(end));
    }
  }

  /** The cycle that ends with this half cycle, if the half before it is known. */
  function judgeCycle(line: Line, { line: number, begin, end, squares }: HalfCycle): void {
    const length = end - begin;
    if (line.length > 0) {
      const voltsSquared = (line.squares + squares) / (line.length + length);
      line.isWeak = voltsSquared < weakVoltsSquared;
      if (!voltageEvents.isCalm(voltsSquared))
        notable.push({ line: number, middle: begin, end, volts: Math.sqrt(voltsSquared) });
    }
    line.squares = squares;
    line.length = length;
  }

  /** In the order of time, for the lines were scanned one after the other. */
  function judgeNotable(): void {
    notable.sort((one, other) => one.end - other.end);
    for (const { line, middle, volts } of notable) {
      voltageEvents.update(line, volts, setMoment(middle));
      if (voltageEvents.isOpen()) seconds.flag(secondAt(middle));
    }
    notable.length = 0;
    if (lines.every(isWeak)) frequencyEvents.lose();
  }

  function slotAt(line: Line, number: number, at: number): Slot {
    const wanted = secondAt(at);
    if (line.slot.second !== wanted) line.slot = seconds.slotOf(number, wanted);
    return line.slot;
  }

  /** Of a position in this block or up to a second before it. */
  function secondAt(at: number): number {
    if (at >= secondEnd) return second + 1;
    return at < secondEnd - samplesPerSecond ? second - 1 : second;
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
    moment.micros = microsAt(at);
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
  /** Where its half cycles are gathered at present. */
  slot: Slot;
  squares: number;
  length: number;
  /** Its last cycle was below the voltage that a frequency needs. */
  isWeak: boolean;
}

/** One cycle that is judged for events: the middle and the end of its window, in samples. */
interface Cycle {
  readonly line: number;
  readonly middle: number;
  readonly end: number;
  readonly volts: number;
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
    samples.length === limits.blockSamples * limits.lines &&
    voltsPerCount > 0 &&
    voltsPerCount < Infinity &&
    Number.isFinite(timeMicros) &&
    Number.isFinite(sequence)
  );
}
