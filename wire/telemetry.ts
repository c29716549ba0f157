// One reading as a SenML pack in CBOR (RFC 8428), topic kind "telemetry". The first record holds what all share:
// base name urn:lugh:<site>:<node>:, base time, and the labels `tq` (time quality: bound of the time's error in
// microseconds), `seq`, and where they apply `flagged` and `historical`. A record for each value follows. What could
// not be measured has no record; it is never a zero. docs/WIRE.md has the CDDL and an example.

import { WireError } from "wire/error";
import { wordLengthMaximum } from "wire/limits";
import { decodeSenml, encodeSenml, type SenmlRecord } from "wire/senml";
import { resolveSenml } from "wire/senml-resolve";
import { Fields } from "wire/shape";
import { formatNodeName, type NodeName } from "wire/topics";
import { countPoints } from "wire/utf8";

export interface Telemetry {
  /** Centre of the one-second window, in microseconds of UTC. */
  readonly timeMicros: number;
  /** Bound of the error of `timeMicros`; null when the clock was never set. */
  readonly timeQualityMicros: number | null;
  /** Counts readings; a jump is a gap. */
  readonly sequence: number;
  /** Volts rms, null when not measurable. */
  readonly u1: number | null;
  readonly u2: number | null;
  readonly u3: number | null;
  /** Hertz, null when invalid. */
  readonly f: number | null;
  /** An event or a gap touched the window (IEC 61000-4-30). */
  readonly flagged: boolean;
  /** Sent later than it was measured, after an outage: not the present state of the grid. Left out: false. */
  readonly historical?: boolean;
  /** Where a simulated world stands in its record, as people write it: "2025-04-28T12:33:20+02:00". */
  readonly worldTime?: string;
}

/** What `decodeTelemetry` returns says of each field what it is. */
export interface ReceivedTelemetry extends Telemetry {
  readonly historical: boolean;
}

export function encodeTelemetry(name: NodeName, telemetry: Telemetry): Uint8Array {
  checkTelemetry(telemetry);
  const header: { [label: string]: string | number | boolean } = {
    bn: buildBaseName(name),
    bt: telemetry.timeMicros / 1e6,
    seq: telemetry.sequence,
  };
  if (telemetry.timeQualityMicros !== null) header.tq = telemetry.timeQualityMicros;
  if (telemetry.flagged) header.flagged = true;
  if (telemetry.historical === true) header.historical = true;
  const pack: SenmlRecord[] = [header];
  if (telemetry.u1 !== null) pack.push({ n: "u1", u: "V", v: telemetry.u1 });
  if (telemetry.u2 !== null) pack.push({ n: "u2", u: "V", v: telemetry.u2 });
  if (telemetry.u3 !== null) pack.push({ n: "u3", u: "V", v: telemetry.u3 });
  if (telemetry.f !== null) pack.push({ n: "f", u: "Hz", v: telemetry.f });
  if (telemetry.worldTime !== undefined) pack.push({ n: "worldTime", vs: telemetry.worldTime });
  return encodeSenml(pack);
}

/** Reads the pack that came on the topic of `name`. Throws a WireError when it is not telemetry of that node. */
export function decodeTelemetry(name: NodeName, bytes: Uint8Array): ReceivedTelemetry {
  const pack = decodeSenml(bytes);
  const header = new Fields(pack[0], "telemetry[0]");
  const timeMicros = Math.round(header.number("bt") * 1e6);
  const values: Values = {};
  const baseName = buildBaseName(name);
  for (const record of resolveSenml(pack, 0)) readValue(values, record, baseName, timeMicros);
  return {
    timeMicros,
    timeQualityMicros: header.has("tq") ? header.count("tq") : null,
    sequence: header.count("seq"),
    u1: values.u1 ?? null,
    u2: values.u2 ?? null,
    u3: values.u3 ?? null,
    f: values.f ?? null,
    flagged: header.has("flagged") && header.boolean("flagged"),
    historical: header.has("historical") && header.boolean("historical"),
    ...(values.worldTime === undefined ? {} : { worldTime: values.worldTime }),
  };
}

function buildBaseName(name: NodeName): string {
  return `urn:lugh:${formatNodeName(name).split("/").join(":")}:`;
}

type Values = { -readonly [Field in "u1" | "u2" | "u3" | "f"]?: number } & { worldTime?: string };

function readValue(values: Values, record: SenmlRecord, baseName: string, timeMicros: number): void {
  const fullName = record.n as string;
  if (!fullName.startsWith(baseName)) refuse(`names below ${baseName}`, fullName);
  if (Math.round((record.t as number) * 1e6) !== timeMicros) refuse("one time in the pack", `another for ${fullName}`);
  const name = fullName.slice(baseName.length);
  switch (name) {
    case "u1":
    case "u2":
    case "u3":
      values[name] = readNumber(record, "V", values[name]);
      break;
    case "f":
      values.f = readNumber(record, "Hz", values.f);
      break;
    case "worldTime":
      if (record.vs === undefined || countPoints(record.vs) > wordLengthMaximum)
        refuse(`a text of at most ${wordLengthMaximum} characters as worldTime`, "another value");
      values.worldTime = record.vs;
      break;
    default:
    // Values of newer nodes are theirs to explain.
  }
}

function readNumber(record: SenmlRecord, unit: string, earlier: number | undefined): number {
  if (earlier !== undefined) refuse(`${record.n} once`, "it again");
  if (record.v === undefined || record.u !== unit) return refuse(`${record.n} in ${unit}`, `${record.v} ${record.u}`);
  return record.v;
}

/** What encoding cannot carry is a mistake of the caller and must not reach the broker. */
function checkTelemetry(telemetry: Telemetry): void {
  const fields = new Fields(telemetry, "telemetry");
  fields.count("timeMicros");
  fields.countOrNull("timeQualityMicros");
  fields.count("sequence");
  fields.boolean("flagged");
  for (const name of ["u1", "u2", "u3", "f"]) if (fields.plain(name) !== null) fields.number(name);
  if (fields.has("historical")) fields.boolean("historical");
  if (fields.has("worldTime")) fields.text("worldTime", wordLengthMaximum);
}

function refuse(wanted: string, found: string): never {
  throw new WireError(`Cannot read telemetry: wanted ${wanted}, found ${found}`);
}
