// Devices that the simulator can stand for without a script. A converter reads what a metering chip would: the voltage (rms) of
// one line, adc0 to adc2, at this moment.

import { deviceKindOf } from "sim/run/permissions";

export interface Sample {
  /** Volts. */
  readonly value: number;
  readonly timeMicros: number;
  readonly timeQualityMicros: number;
  /** Counts the readings of this converter. */
  readonly sequence: number;
}

export class SimulatedDevices {
  readonly #volts: (line: number) => number | undefined;
  readonly #sequences = new Map<string, number>();

  constructor(volts: (line: number) => number | undefined) {
    this.#volts = volts;
  }

  /** undefined for what is not simulated: then a script or a person has to answer. */
  read(channel: string, type: string, timeMicros: number, timeQualityMicros: number): Sample | undefined {
    if (deviceKindOf(channel) !== "adc" || type !== "read") return undefined;
    const volts = this.#volts(Number(channel.slice("adc".length)));
    if (volts === undefined) return undefined;
    const sequence = this.#sequences.get(channel) ?? 0;
    this.#sequences.set(channel, sequence + 1);
    return { value: Math.round(volts * 100) / 100, timeMicros: Math.round(timeMicros), timeQualityMicros, sequence };
  }
}
