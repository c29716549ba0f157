// Who this node is and where its broker is, from its configuration.

import type { PlainObject } from "lughos";
import type { Birth, Metric, ServiceVersion } from "wire/birth";
import { sentenceLengthMaximum, servicesMaximum, wordLengthMaximum } from "wire/limits";
import { Fields } from "wire/shape";
import { checkName } from "wire/topics";

/** What a birth says of the node itself, and whom it says it to. */
export interface NodeIdentity extends Omit<Birth, "session" | "timeMicros"> {
  readonly brokerHost: string;
  readonly brokerPort: number;
}

/** The records that telemetry of this firmware has (wire/telemetry). */
const metrics: readonly Metric[] = Object.freeze([
  Object.freeze({ name: "u1", unit: "V" }),
  Object.freeze({ name: "u2", unit: "V" }),
  Object.freeze({ name: "u3", unit: "V" }),
  Object.freeze({ name: "f", unit: "Hz" }),
]);

/** Of a host name (RFC 1035). */
const hostLengthMaximum = 253;

/** Throws a WireError that names what is missing: a node that does not know who it is cannot speak for itself. */
export function readIdentity(configuration: PlainObject): NodeIdentity {
  const fields = new Fields(configuration, "configuration");
  return {
    node: checkName("node", fields.text("node", wordLengthMaximum)),
    site: checkName("site", fields.text("site", wordLengthMaximum)),
    model: fields.text("model", wordLengthMaximum),
    firmware: fields.text("firmware", wordLengthMaximum),
    engine: fields.text("engine", wordLengthMaximum),
    services: fields.list("services", servicesMaximum, readService),
    metrics,
    declaredVolts: fields.number("declaredVolts"),
    insecureCommands: fields.boolean("insecureCommands"),
    ...(configuration.isSafeMode === true ? readSafeMode(fields) : {}),
    brokerHost: fields.text("brokerHost", hostLengthMaximum),
    brokerPort: fields.count("brokerPort"),
  };
}

function readSafeMode(fields: Fields): Pick<Birth, "isSafeMode" | "safeModeReason"> {
  const reason = fields.has("safeModeReason") ? fields.text("safeModeReason", sentenceLengthMaximum) : "";
  return { isSafeMode: true, safeModeReason: reason };
}

function readService(value: unknown, path: string): ServiceVersion {
  const fields = new Fields(value, path);
  return { name: fields.text("name", wordLengthMaximum), version: fields.text("version", wordLengthMaximum) };
}
