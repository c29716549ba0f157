// Which broker a command talks to: the one it is told, else that of the running `npm start`, else the usual one here.

import { Failure } from "cli/failure";
import { readInstance } from "cli/run-file";

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export const brokerOption = {
  summary: "MQTT broker (default: that of the running npm start, else mqtt://127.0.0.1:1883)",
  value: "mqtt://HOST[:PORT]",
} as const;

/** Registered for MQTT without TLS (IANA). */
const usualPort = 1883;

export function chooseBroker(text: string | undefined): BrokerAddress {
  if (text !== undefined) return parseBroker(text);
  const instance = readInstance();
  return { host: instance?.mqttHost ?? "127.0.0.1", port: instance?.mqttPort ?? usualPort };
}

/** Nodes have no TLS yet, and passwords do not belong into a process list: such addresses are refused, not trimmed. */
export function parseBroker(text: string): BrokerAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url?.protocol === "mqtt:" && url.hostname !== "" && `${url.username}${url.password}${url.search}${url.hash}` === "";
  if (url === undefined || !isPlain || (url.pathname !== "" && url.pathname !== "/"))
    throw new Failure("usage", `Cannot read --broker: wanted mqtt://HOST[:PORT], found "${text}"`);
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: url.port === "" ? usualPort : Number(url.port) };
}

export function formatBroker({ host, port }: BrokerAddress): string {
  return `mqtt://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
