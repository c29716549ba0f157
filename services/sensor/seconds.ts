// Gathers half cycles into readings of one second, centred on the whole seconds of UTC: true rms over the half cycles
// whose middle lies in the second, and frequency as whole cycles between the first and the last upward zero in it.
//
// Two seconds are open at once, since a half cycle that ends in one may belong to the one before. A sum over whole half
// cycles has no error of a cut cycle (a plain second of 49.5 Hz would be off by 0.2 %).

import { limits } from "services/sensor/limits";

/** One line during one second. Lengths and positions in samples. */
export interface Slot {
  second: number;
  /** Sum of squares, in volts². */
  squares: number;
  length: number;
  cycles: number;
  firstZero: number;
  lastZero: number;
  /** Zeros were missed or are not to be trusted: no frequency. */
  isBroken: boolean;
  isFlagged: boolean;
  isClipped: boolean;
}

/** What one second came to; null where it could not be measured. */
export interface SecondValues {
  readonly volts: readonly (number | null)[];
  readonly hertz: number | null;
  readonly isFlagged: boolean;
}

export interface Seconds {
  /** Where to add what a line measured in a second. Good until that second is taken. */
  slotOf(line: number, second: number): Slot;
  /** The wave is not followed across this second: frequency is broken where it had begun, and the reading is flagged. */
  cut(second: number): void;
  flag(second: number): void;
  /** Closes a second. null: too little of it was sampled. */
  take(second: number): SecondValues | null;
}

/** Adds a zero through which the wave came up. */
export function addZero(slot: Slot, position: number): void {
  if (slot.firstZero < 0) slot.firstZero = position;
  else slot.cycles += 1;
  slot.lastZero = position;
}

export function createSeconds(samplesPerSecond: number): Seconds {
  const leastLength = limits.coverageRatio * samplesPerSecond;
  const completeLength = limits.completeRatio * samplesPerSecond;
  const slots: Slot[] = [];
  for (let index = 0; index < 2 * limits.lines; index++) slots.push(emptySlot());

  function slotOf(line: number, second: number): Slot {
    const slot = slots[2 * line + (second & 1)] as Slot;
    if (slot.second !== second) clear(slot, second);
    return slot;
  }

  function cut(second: number): void {
    for (let line = 0; line < limits.lines; line++) {
      const slot = slotOf(line, second);
      if (slot.firstZero >= 0) slot.isBroken = true;
      slot.isFlagged = true;
    }
  }

  function flag(second: number): void {
    for (let line = 0; line < limits.lines; line++) slotOf(line, second).isFlagged = true;
  }

  function take(second: number): SecondValues | null {
    const volts: (number | null)[] = [];
    let hertz: number | null = null;
    let isFlagged = false;
    let length = 0;
    for (let line = 0; line < limits.lines; line++) {
      const slot = slotOf(line, second);
      volts.push(slot.length === 0 || slot.isClipped ? null : Math.sqrt(slot.squares / slot.length));
      hertz ??= frequencyOf(slot);
      isFlagged ||= slot.isFlagged || slot.isClipped || slot.length < completeLength;
      length = Math.max(length, slot.length);
      clear(slot, none);
    }
    return length < leastLength ? null : { volts, hertz, isFlagged };
  }

  /** Of the first line that has one: lines of one node hang on one grid, so a second opinion adds nothing. */
  function frequencyOf(slot: Slot): number | null {
    const length = slot.lastZero - slot.firstZero;
    return slot.isBroken || length < leastLength ? null : (slot.cycles * samplesPerSecond) / length;
  }

  return { slotOf, cut, flag, take };
}

/** No second, no position. */
const none = -1;

function emptySlot(): Slot {
  return {
    second: none,
    squares: 0,
    length: 0,
    cycles: 0,
    firstZero: none,
    lastZero: none,
    isBroken: false,
    isFlagged: false,
    isClipped: false,
  };
}

function clear(slot: Slot, second: number): void {
  slot.second = second;
  slot.squares = 0;
  slot.length = 0;
  slot.cycles = 0;
  slot.firstZero = none;
  slot.lastZero = none;
  slot.isBroken = false;
  slot.isFlagged = false;
  slot.isClipped = false;
}
