// The flags of permissions: --allow-… and --deny-… for each kind, as `lugh run` reads them.

import type { Invocation, OptionDefinition } from "cli/command";
import { Failure } from "cli/failure";
import { deviceKindOf, deviceKinds, type Grants, type PermissionKind, type Permissions } from "sim/run/permissions";

interface Kind {
  readonly permission: PermissionKind;
  /** What a value is called in the help; without one the flag takes none. */
  readonly value?: string;
  readonly summary: string;
}

const kinds: readonly Kind[] = [
  { permission: "call", value: "NAMES", summary: "call these channels" },
  { permission: "send", value: "NAMES", summary: "send to these channels" },
  { permission: "publish", value: "TOPICS", summary: "publish on these topics" },
  { permission: "subscribe", value: "TOPICS", summary: "subscribe to these topics, such as waveform" },
  { permission: "store", value: "PREFIX", summary: "store under keys with this prefix" },
  { permission: "device", value: "DEVICES", summary: `use ${deviceKinds.join(", ")}, or one of them, such as adc0` },
  { permission: "net", value: "HOST:PORT", summary: "connect its socket to these places" },
  { permission: "update", summary: "ask the updater" },
  { permission: "swap", summary: "ask the kernel, which swaps and restarts services" },
];

export const permissionOptions: { readonly [name: string]: OptionDefinition } = Object.fromEntries([
  ...kinds.map(({ permission, value, summary }) => [`allow-${permission}`, { summary, ...(value && { value }) }]),
  ["allow-all", { summary: "allow everything that is not denied (for trying out; says so loudly)" }],
  ...kinds.map(({ permission, value }) => [
    `deny-${permission}`,
    {
      summary: `whatever else is allowed, not ${value === undefined ? "this" : "these; * is all"}`,
      ...(value && { value }),
    },
  ]),
]);

export function readPermissions(invocation: Invocation): Permissions {
  return {
    allow: readGrants(invocation, "allow"),
    deny: readGrants(invocation, "deny"),
    isAllAllowed: invocation.isSet("allow-all"),
  };
}

function readGrants(invocation: Invocation, verb: "allow" | "deny"): Grants {
  const grants: { [Kind in PermissionKind]?: string[] } = {};
  for (const { permission, value } of kinds) {
    const option = `${verb}-${permission}`;
    if (value === undefined && invocation.isSet(option)) grants[permission] = ["*"];
    const texts = invocation.texts(option);
    if (texts.length > 0) grants[permission] = texts.flatMap((text) => readNames(option, permission, text));
  }
  if ((grants.store?.length ?? 0) > 1)
    throw new Failure("usage", `Cannot read --${verb}-store: wanted one prefix, found ${grants.store?.join(", ")}`);
  return grants;
}

function readNames(option: string, permission: PermissionKind, text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    const wanted = name === "*" && option.startsWith("deny-") ? undefined : refusalOf(permission, name);
    if (wanted !== undefined) throw new Failure("usage", `Cannot read --${option}: wanted ${wanted}, found "${name}"`);
  }
  return names;
}

/** What the kind wants instead of this name; undefined when it is one. */
function refusalOf(permission: PermissionKind, name: string): string | undefined {
  if (permission === "net") return /^(\[[0-9a-f:]+\]|[^:\s]+):\d{1,5}$/i.test(name) ? undefined : "HOST:PORT";
  if (permission === "device") {
    const isDevice = deviceKinds.includes(name) || deviceKindOf(name) !== undefined;
    return isDevice ? undefined : `${deviceKinds.join(", ")}, or one of them, such as adc0`;
  }
  if ((permission === "call" || permission === "send") && deviceKindOf(name) !== undefined)
    return `the name of a channel; a device is granted with --allow-device=${deviceKindOf(name)}`;
  if ((permission === "call" || permission === "send") && name === "socket")
    return "the name of a channel; the socket is granted by place, with --allow-net=HOST:PORT";
  return /^[^\s,*]{1,31}$/.test(name) ? undefined : "names of 1 to 31 characters, with commas between them";
}
