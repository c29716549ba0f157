// mosquitto's packet sequences in one shape. The files say for each test what to send and what to expect, whether a
// CONNECT goes before (`connect`, by default yes) and whether the broker closes (`expect_disconnect`, by default yes).

import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { hex, readJsonVector } from "tests/wire-vectors";

export interface PacketSequence {
  readonly title: string;
  readonly version: "3.1" | "3.1.1" | "5";
  /** A CONNECT was accepted before. */
  readonly isGreeted: boolean;
  readonly sent: readonly Uint8Array[];
  /** What the broker answers, as hexadecimal digits. */
  readonly answers: readonly string[];
  readonly closes: boolean;
}

interface RawTest {
  readonly name: string;
  readonly ver?: 3 | 4 | 5;
  readonly connect?: boolean;
  readonly expect_disconnect?: boolean;
  readonly msgs: readonly { readonly type: "send" | "recv"; readonly payload: string }[];
}

interface RawGroup {
  readonly group: string;
  readonly tests: readonly RawTest[];
}

export function readSequences(): PacketSequence[] {
  const files = readdirSync(resolve(import.meta.dirname, "vectors/mosquitto-mqtt-packets")).filter((file) =>
    file.endsWith(".json"),
  );
  return files.flatMap((file) =>
    readJsonVector<RawGroup[]>(`mosquitto-mqtt-packets/${file}`).flatMap(({ group, tests }) =>
      tests.map((test) => shape(group, test)),
    ),
  );
}

function shape(group: string, { name, ver, connect, expect_disconnect, msgs }: RawTest): PacketSequence {
  const payloads = (type: "send" | "recv") =>
    msgs.filter((message) => message.type === type).map(({ payload }) => payload.replaceAll(" ", ""));
  return {
    title: `${group.replace(/ +/g, " ")}: ${name.trim()}`,
    version: nameVersion(group, ver),
    isGreeted: connect ?? true,
    sent: payloads("send").map(hex),
    answers: payloads("recv").map((payload) => payload.toLowerCase()),
    closes: expect_disconnect ?? true,
  };
}

/** Tests of CONNECT carry the version in the name of their group only. */
function nameVersion(group: string, ver: 3 | 4 | 5 | undefined): PacketSequence["version"] {
  if (ver === 3 || group.startsWith("v3.1 ")) return "3.1";
  return ver === 5 || group.startsWith("v5.0") ? "5" : "3.1.1";
}
