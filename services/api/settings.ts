// What an operator may set on a node while it runs. The journal keeps it and publishes it on the topic "settings", whole, when
// the node is up and whenever something changed; whoever needs it there commits it with its state.

import { Fields } from "wire/shape";

/** null, or not there: what the node was started with. */
export interface Settings {
  /** What the sensor judges dips and swells by, in volts. */
  readonly declaredVolts?: number | null;
  /** Readings are reported of every so many seconds of UTC. */
  readonly reportSeconds?: number | null;
}

export const settingNames: readonly (keyof Settings)[] = Object.freeze(["declaredVolts", "reportSeconds"] as const);

const limits = Object.freeze({
  /** From what a bench supply gives to what a line carries. */
  declaredVolts: Object.freeze([1, 1_500_000] as const),
  /** A node that is silent for five seconds is called stale (wire/liveness). */
  reportSeconds: Object.freeze([1, 4] as const),
});

/** Throws a WireError that names what is no setting, or beyond its limits. */
export function readSettings(value: unknown): Settings {
  const fields = new Fields(value, "settings");
  for (const name of Object.keys(value as object))
    if (!(settingNames as readonly string[]).includes(name))
      fields.refuse(name, `one of ${settingNames.join(", ")}`, name);
  const settings: { -readonly [Name in keyof Settings]: Settings[Name] } = {};
  for (const name of settingNames) if (fields.has(name)) settings[name] = readSetting(fields, name);
  return settings;
}

function readSetting(fields: Fields, name: keyof Settings): number | null {
  if (fields.plain(name) === null) return null;
  const [least, most] = limits[name];
  const value = name === "reportSeconds" ? fields.count(name) : fields.number(name);
  return value >= least && value <= most ? value : fields.refuse(name, `${least} to ${most}`, value);
}
