// Which three channels of a record are the lines of a node.

import type { AnalogChannel, ComtradeRecord } from "sim/comtrade/record";
import { WorldError } from "sim/world/world";

/** Index in the record of lines 1, 2 and 3. */
export type LineChannels = readonly [number, number, number];

const voltsOfUnit: { readonly [unit: string]: number } = { V: 1, kV: 1_000, KV: 1_000, mV: 0.001, MV: 1_000_000 };
/** Less is what an input without a wire shows. */
const aliveVolts = 1;

/** Volts of a unit; undefined when it is none of voltage. */
export function voltsPerUnit({ unit }: AnalogChannel): number | undefined {
  return voltsOfUnit[unit];
}

/** `names`: three names of channels between commas, as `--channels` has them; without them the first three that fit. */
export function chooseChannels(record: ComtradeRecord, file: string, names: string | undefined): LineChannels {
  const { analog } = record.configuration;
  const refuse = (wanted: string, found: string): never => {
    throw new WorldError(
      `Cannot play record ${file}: wanted ${wanted}, found ${found}. It has ${listChannels(analog)}`,
    );
  };
  if (names === undefined) return findLines(record) ?? refuse("three channels that carry a voltage", "none");
  const wanted = names.split(",").map((name) => name.trim());
  if (wanted.length !== 3) refuse("three channels in --channels, for lines 1, 2 and 3", `${wanted.length}`);
  const [first, second, third] = wanted.map((name) => {
    const index = analog.findIndex((channel) => channel.name === name);
    const channel = analog[index] ?? refuse("names of its channels in --channels", `"${name}"`);
    return voltsPerUnit(channel) === undefined ? refuse("channels of volts", `"${name}" in "${channel.unit}"`) : index;
  }) as [number, number, number];
  return [first, second, third];
}

function listChannels(analog: readonly AnalogChannel[]): string {
  const listed = analog.map(({ name, unit }) => `${name} (${unit})`);
  return listed.length === 0 ? "no analog channels" : listed.join(", ");
}

/** The first channels in a row that are phases A, B and C and alive, else the first three alive ones of volts. */
function findLines(record: ComtradeRecord): LineChannels | null {
  const { analog } = record.configuration;
  const isAlive = (index: number): boolean => {
    const channel = analog[index];
    const volts = channel === undefined ? undefined : voltsPerUnit(channel);
    return (
      volts !== undefined &&
      (record.analog[index] as Float64Array).some((value) => Math.abs(value * volts) > aliveVolts)
    );
  };
  const phases = analog.map(({ phase }) => phase.toUpperCase());
  for (let index = 0; index + 2 < analog.length; index++)
    if (phases.slice(index, index + 3).join() === "A,B,C" && [index, index + 1, index + 2].every(isAlive))
      return [index, index + 1, index + 2];
  const [first, second, third] = analog.map((_, index) => index).filter(isAlive);
  return first === undefined || second === undefined || third === undefined ? null : [first, second, third];
}
