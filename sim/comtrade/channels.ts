// The lines of a configuration that describe channels.

import { limits } from "sim/comtrade/limits";
import type { Lines } from "sim/comtrade/lines";
import type { AnalogChannel, DigitalChannel, Revision } from "sim/comtrade/record";
import { quote } from "sim/comtrade/refusal";

/** `1,UA,A,bus 1,kV,0.0616,0,13,-2048,2048,1100,1,P`: until 1991 without the last three. */
export function readAnalogChannel(lines: Lines, revision: Revision, after: number): AnalogChannel {
  const fields = lines.next("a line for each analog channel");
  const needed = revision === 1991 ? 10 : 13;
  if (fields.length < needed || fields.length > 13)
    lines.refuse(`${needed} fields of an analog channel`, `${fields.length} in ${lines.quoted}`);
  const [number, name = "", phase = "", component = "", unit = "", a, b, skew, minimum, maximum, ...ratio] = fields;
  const [primary, secondary, side] = ratio;
  return {
    number: readNumber(lines, number, after),
    name,
    phase,
    component,
    unit,
    multiplier: lines.decimal(a, "the multiplier of a channel, a number"),
    offset: lines.decimal(b, "the offset of a channel, a number"),
    skewMicros: skew === "" ? 0 : lines.decimal(skew, "the time skew of a channel, a number"),
    minimum: lines.decimal(minimum, "the least count of a channel, a number"),
    maximum: lines.decimal(maximum, "the largest count of a channel, a number"),
    primary: readRatio(lines, primary),
    secondary: readRatio(lines, secondary),
    side: readSide(lines, side),
  };
}

/** Transformers with nothing on one side are written as 0, and say nothing. */
function readRatio(lines: Lines, field = ""): number {
  if (field === "") return 1;
  const value = lines.decimal(field, "the ratio of an instrument transformer, a number");
  return value === 0 ? 1 : value;
}

function readSide(lines: Lines, field = ""): AnalogChannel["side"] {
  switch (field.toUpperCase()) {
    case "P":
      return "primary";
    case "S":
      return "secondary";
    case "":
      return null;
    default:
      return lines.refuse("P or S, for primary or secondary values", quote(field));
  }
}

/**
 * `1,trip,A,line 1,0`, or until 1991 `1,trip,0`. A line of another length is taken while its state is plain, for a relay of
 * the corpus leaves a field out; `irregular` is told of it.
 */
export function readDigitalChannel(lines: Lines, after: number, irregular: () => void): DigitalChannel {
  const fields = lines.next("a line for each digital channel");
  const [number, name = "", ...rest] = fields;
  const isRegular = fields.length === 5 || fields.length === 3;
  const states = isRegular ? rest.slice(-1) : rest.filter((field) => field === "0" || field === "1");
  const [state] = states;
  if (states.length !== 1 || (state !== "0" && state !== "1"))
    return lines.refuse("a digital channel that ends in its normal state, 0 or 1", lines.quoted);
  if (!isRegular) irregular();
  const [phase = "", component = ""] = fields.length === 5 ? rest : [];
  return { number: readNumber(lines, number, after), name, phase, component, normalState: state === "1" ? 1 : 0 };
}

function readNumber(lines: Lines, field: string | undefined, after: number): number {
  const number = lines.integer(field, "the number of a channel", limits.channels);
  if (number > after) return number;
  return lines.refuse(`the number of a channel above ${after}, that of the one before`, `${number}`);
}
