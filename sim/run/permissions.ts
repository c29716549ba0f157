// What a service at a desk may do: what was allowed, less what was denied. The table of its node is made from this, so that
// the machine layer refuses the rest as it does on every node; the flags that a refusal names are these.

import type { Entry as TableEntry } from "sim/bench/table";

export const permissionKinds = [
  "call",
  "send",
  "publish",
  "subscribe",
  "store",
  "device",
  "net",
  "update",
  "swap",
] as const;

export type PermissionKind = (typeof permissionKinds)[number];

/** Names of channels, topics, devices or places; of "update" and "swap", which have no names, any name at all. */
export type Grants = { readonly [Kind in PermissionKind]?: readonly string[] };

export interface Permissions {
  readonly allow: Grants;
  /** Beats `allow`, `isAllAllowed` and whoever is asked. "*" is every name. */
  readonly deny: Grants;
  /** Everything but what is denied. */
  readonly isAllAllowed: boolean;
}

/** Whom a service asks for an update, and for a hot swap (services/api/kernel). */
const updater = "updater";
const swapper = "kernel";

/** A kind of device stands for so many of its ports: "adc" for adc0 to adc3. */
const devicesEach = 4;
export const deviceKinds: readonly string[] = ["adc", "i2c", "spi", "gpio", "serial"];

/** "adc" of "adc0"; undefined for what is no device. */
export function deviceKindOf(name: string): string | undefined {
  return deviceKinds.find((kind) => new RegExp(`^${kind}\\d+$`).test(name));
}

/** Whether nobody may be asked for it any more. */
export function isDenied({ deny }: Permissions, kind: PermissionKind, name: string): boolean {
  const isNamed = (denied: PermissionKind, ...names: (string | undefined)[]): boolean =>
    deny[denied]?.some((each) => each === "*" || names.includes(each)) ?? false;
  if (isNamed(kind, name)) return true;
  if (kind === "device") return isNamed("device", deviceKindOf(name));
  if (kind !== "call" && kind !== "send") return false;
  return (name === updater && deny.update !== undefined) || (name === swapper && deny.swap !== undefined);
}

type TableGrants = Pick<TableEntry, "calls" | "sends" | "publishes" | "subscribes" | "net" | "stores">;

/** The part of an entry of the system table that grants. */
export function toTableGrants(permissions: Permissions): TableGrants {
  const { allow } = permissions;
  const allowed = (kind: PermissionKind, names: readonly string[] = allow[kind] ?? []): string[] =>
    [...new Set(names)].filter((name) => !isDenied(permissions, kind, name));
  const channels = (kind: "call" | "send"): TableEntry["calls"] =>
    [...new Set([...allowed(kind, [...(allow[kind] ?? []), ...roles(allow)]), ...devices(permissions)])].map(high);
  const prefix = allowed("store")[0];
  return {
    calls: channels("call") ?? [],
    // The socket itself is harmless: each place that it is to connect to is looked at.
    sends: [...(channels("send") ?? []), high("socket")],
    publishes: allowed("publish").map(high),
    subscribes: allowed("subscribe"),
    net: allowed("net"),
    ...(prefix === undefined ? {} : { stores: prefix }),
  };
}

function roles(allow: Grants): string[] {
  return [...(allow.update === undefined ? [] : [updater]), ...(allow.swap === undefined ? [] : [swapper])];
}

function devices(permissions: Permissions): string[] {
  const named = permissions.allow.device ?? [];
  const ports = named.flatMap((name) =>
    deviceKinds.includes(name) ? Array.from({ length: devicesEach }, (_, index) => `${name}${index}`) : [name],
  );
  return ports.filter((port) => !isDenied(permissions, "device", port));
}

function high(to: string): { readonly to: string; readonly priority: "HIGH" } {
  return { to, priority: "HIGH" };
}

/** What the machine layer says when it refuses (hosts/xs/node_permission.c). */
export interface Refused {
  readonly permission: PermissionKind;
  readonly name: string;
  readonly flag: string;
}

export function parseRefusal(line: string): Refused | undefined {
  const found = /^NotCapable: "[^"]*" needs \w+ "([^"]*)"; grant it with (--allow-(\w+)=.*)$/.exec(line);
  const [, name = "", flag = "", permission = ""] = found ?? [];
  if (found === null || !permissionKinds.includes(permission as PermissionKind)) return undefined;
  return { permission: permission as PermissionKind, name, flag };
}
