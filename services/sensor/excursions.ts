// One kind of event: values of three lines watched against a limit, with hysteresis, as one polyphase event.
//
// A line is outside from its first value beyond `limit` until its first value back at `back`. The event lasts while at
// least `linesNeeded` lines are outside: with 1 it begins with the first line and ends with the last (dip, swell), with 3
// all lines must be outside, and the first to return ends it (interruption). Kinds are watched independently: a dip that
// deepens to an interruption is reported as both, the interruption inside the dip that encloses it, each with its own
// begin and end. A gap in the samples does not end an event; the first value after it decides.

import type { GridEvent } from "services/api/reading";
import { limits } from "services/sensor/limits";
import type { EventKind } from "wire/event";

export interface ExcursionRule {
  readonly kind: EventKind;
  readonly unit: GridEvent["unit"];
  /** Beyond it a value is outside: below when `back` is larger, above when it is smaller. */
  readonly limit: number;
  readonly back: number;
  readonly linesNeeded: number;
}

/** Plain data, committed with the state of the service. */
export interface ExcursionState {
  /** For each line. */
  readonly outside: readonly boolean[];
  readonly event: Readonly<OpenEvent> | null;
}

export interface OpenEvent {
  readonly id: number;
  readonly startMicros: number;
  readonly timeQualityMicros: number | null;
  /** Which lines have been outside since the event began. */
  touched: readonly boolean[];
  extreme: number;
}

/** Where an excursion takes its number, and tells what happened. */
export interface EventLog {
  nextId(): number;
  report(event: GridEvent): void;
}

/** Of UTC, with the bound of its error. Records are used again: copy what is kept. */
export interface Moment {
  micros: number;
  qualityMicros: number | null;
}

export interface Excursion {
  /** `line` counts from 0. */
  update(line: number, value: number, moment: Moment): void;
  /** Ends an open event for want of values, and takes every line back inside. */
  end(moment: Moment): void;
  isOpen(): boolean;
  /** No line is outside, so that a value inside changes nothing. */
  isQuiet(): boolean;
  state(): ExcursionState;
}

export function createExcursion(rule: ExcursionRule, log: EventLog, state: ExcursionState | undefined): Excursion {
  const isBelow = rule.limit < rule.back;
  const values: (number | null)[] = [null, null, null];
  let outside = state === undefined ? [false, false, false] : [...state.outside];
  let event: OpenEvent | null = state === undefined || state.event === null ? null : { ...state.event };

  function update(line: number, value: number, moment: Moment): void {
    const wasOutside = outside[line] === true;
    const isOutside = wasOutside ? !isBack(value) : isBeyond(value);
    if (!wasOutside && !isOutside) return;
    outside[line] = isOutside;
    values[line] = value;
    const count = countOutside();
    if (event === null) {
      if (count >= rule.linesNeeded) begin(moment);
    } else if (count < rule.linesNeeded) finish(event, moment);
    else note(event, line, value);
  }

  function isBeyond(value: number): boolean {
    return isBelow ? value < rule.limit : value > rule.limit;
  }

  function isBack(value: number): boolean {
    return isBelow ? value >= rule.back : value <= rule.back;
  }

  function extremeOf(left: number, right: number): number {
    return isBelow ? Math.min(left, right) : Math.max(left, right);
  }

  function countOutside(): number {
    let count = 0;
    for (let line = 0; line < limits.lines; line++) if (outside[line] === true) count += 1;
    return count;
  }

  function begin(moment: Moment): void {
    const known = values.filter((value, line) => value !== null && outside[line]) as number[];
    event = {
      id: log.nextId(),
      startMicros: Math.round(moment.micros),
      timeQualityMicros: moment.qualityMicros,
      touched: [...outside],
      extreme: known.reduce(extremeOf),
    };
    log.report(describe(event, "begin", null));
  }

  function note(open: OpenEvent, line: number, value: number): void {
    if (outside[line] && !open.touched[line]) open.touched = open.touched.map((was, index) => was || index === line);
    open.extreme = extremeOf(open.extreme, value);
  }

  function finish(open: OpenEvent, moment: Moment): void {
    const timeQualityMicros = worse(open.timeQualityMicros, moment.qualityMicros);
    log.report(
      describe({ ...open, timeQualityMicros }, "end", Math.max(0, Math.round(moment.micros) - open.startMicros)),
    );
    event = null;
  }

  function describe(open: OpenEvent, phase: GridEvent["phase"], durationMicros: number | null): GridEvent {
    const { id, startMicros, timeQualityMicros, touched, extreme } = open;
    const lines = [1, 2, 3].filter((line) => touched[line - 1]);
    const { kind, unit } = rule;
    return { kind, phase, id, lines, startMicros, timeQualityMicros, durationMicros, extreme, unit };
  }

  function end(moment: Moment): void {
    if (event !== null) finish(event, moment);
    outside = [false, false, false];
  }

  return {
    update,
    end,
    isOpen: () => event !== null,
    isQuiet: () => event === null && countOutside() === 0,
    state: () => ({ outside, event }),
  };
}

/** Of two bounds of error; null, the unknown one, is the worst. */
export function worse(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : Math.max(left, right);
}
