// Does wire/ do the same on XS as under Node? One function, tests/wire-probe, runs on both: under Jest, and as a service
// of a node on the real engine, in an image that is built here from the firmware and that service.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { transformSync } from "@swc/core";
import { BenchNode } from "sim/bench/node";
import { findArtifacts } from "sim/project";
import { createRandom } from "sim/random";
import { perform, type Task } from "tests/wire-probe";
import { mutate, readJsonVector, readUnlicensed, readVector, toHex } from "tests/wire-vectors";
import { encode } from "wire/cbor";
import { encodeSenml } from "wire/senml";
import { parseSenmlJson } from "wire/senml-json";
import { encodeTelemetry } from "wire/telemetry";

const TEST_TIMEOUT_MILLIS = 60_000; // two seconds alone

let folder = "";
let node: BenchNode;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lugh-wire-"));
  const { executable } = findArtifacts();
  const probe = join(folder, "wire-probe.js");
  writeFileSync(probe, compile(resolve(import.meta.dirname, "wire-probe.ts")));
  const image = join(folder, "wire.xsi");
  const modules = [...listFirmware(), `tests/wire-probe=${probe}`];
  const { status, stderr } = spawnSync(join(dirname(executable), "lugh-xsc"), ["-o", image, ...modules], {
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  node = new BenchNode({ artifacts: { executable, image }, isVirtual: true });
  await node.boot({
    services: [
      {
        name: "wire",
        module: "tests/wire-probe",
        memoryBytes: 1_048_576,
        budgetSteps: 20_000_000,
        mailbox: 4,
        sends: [{ to: "probe", priority: "HIGH" }],
      },
    ],
  });
}, TEST_TIMEOUT_MILLIS);

afterAll(async () => {
  await node?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** As the build compiles a module of a node. */
function compile(path: string): string {
  const parser = { syntax: "typescript" } as const;
  const transform = { verbatimModuleSyntax: true };
  const options = {
    swcrc: false,
    configFile: false,
    isModule: true,
    jsc: { target: "es2022", parser, transform },
    module: { type: "es6" },
  } as const;
  return transformSync(readFileSync(path, "utf8"), options).code;
}

/** The modules of the root manifest, as the build left them. */
function listFirmware(): string[] {
  const root = resolve(import.meta.dirname, "..");
  const manifest = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8")) as {
    modules: { [name: string]: string };
  };
  return Object.entries(manifest.modules).map(([name, source]) => `${name}=${join(root, "build", source)}.js`);
}

/** What comes of the tasks on XS. A message holds 64 KB, so that they go in groups. */
async function performOnXs(tasks: readonly Task[]): Promise<string[]> {
  const results: string[] = [];
  while (results.length < tasks.length) {
    const group = takeGroup(tasks.slice(results.length));
    await node.send("wire", "perform", group);
    await node.worker.ask({ op: "advance", to: Number((await node.worker.ask({ op: "now" })).micros) });
    expect(node.logs).toEqual([]);
    const { type, body } = await node.next();
    expect(type).toBe("performed");
    results.push(...(body as string[]));
  }
  return results;
}

/** Whose results fit into one message too; a session's fill one alone. */
function takeGroup(tasks: readonly Task[]): readonly Task[] {
  let characters = 0;
  const end = tasks.findIndex(({ verb, input }, index) => {
    characters += verb === "session" ? 4_000 : input.length;
    return index > 0 && characters > 4_000;
  });
  return end < 0 ? tasks.slice(0, 50) : tasks.slice(0, Math.min(end, 50));
}

async function compareEngines(tasks: readonly Task[]): Promise<void> {
  const onXs = await performOnXs(tasks);
  const onNode = tasks.map(perform);
  const different = tasks.filter((_task, index) => onXs[index] !== onNode[index]);
  expect(different.map((task) => ({ task, xs: onXs[tasks.indexOf(task)], node: perform(task) }))).toEqual([]);
  expect(onXs).toHaveLength(tasks.length);
}

function toTasks(verb: Task["verb"], inputs: readonly string[]): Task[] {
  return inputs.map((input) => ({ verb, input }));
}

const random = createRandom(133);
// No number lies in the middle of two shortest decimals: engines print those differently, and diagnose() shows it.
const values: unknown[] = [
  {
    z: [1.5, 0.1, 1e300, -0, NaN, Infinity],
    é: "ü水😀\u0000",
    "\uffffé": 1,
    "\u{10000}a": 2,
    constructor: 3,
    toString: null,
    10: true,
  },
  JSON.parse('{"__proto__":{"__proto__":1},"hasOwnProperty":[],"5":{}}'),
  [
    new Uint8Array([1, 2]),
    new Int8Array([-1]),
    new Uint16Array([258]),
    new Int16Array([-2]),
    new Uint32Array([7]),
    new Int32Array([-7]),
  ],
  [
    new Float32Array([1.5]),
    new Float64Array([0.1]),
    2 ** 53,
    -(2 ** 53),
    2 ** 53 - 1,
    2 ** -24,
    Math.fround(0.1),
    65_504.5,
  ],
  ["x".repeat(300), "水".repeat(100), "😀".repeat(50), "a".repeat(15), "a".repeat(16), "a".repeat(17)],
];
const documents = values.map((value) => toHex(encode(value)));
const mutants = Array.from({ length: 600 }, (_, index) => toHex(mutate(encode(values[index % values.length]), random)));
const hostile = [
  ...readJsonVector<{ hex: string }[]>("rfc8949-appendix-f/not_well_formed.json"),
  ...readJsonVector<{ hex: string }[]>("cbor-bombs/bombs.json"),
  ...(readUnlicensed<{ hex: string }[]>("cbor-appendix-a/appendix_a.json") ?? []),
]
  .map(({ hex: form }) => form)
  .filter((form) => form.length < 2_500);

test(
  "CBOR has the same bytes and the same refusals on both engines",
  async () => {
    await compareEngines([
      ...toTasks("cbor", [...documents, ...mutants, ...hostile]),
      ...toTasks("diagnose", [...documents, ...mutants, ...hostile]),
    ]);
  },
  TEST_TIMEOUT_MILLIS,
);

test(
  "documents come back to the byte on XS",
  async () => expect(await performOnXs(toTasks("cbor", documents))).toEqual(documents),
  TEST_TIMEOUT_MILLIS,
);

test(
  "SenML and telemetry are the same on both engines",
  async () => {
    const texts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13].map((example) =>
      readVector(`senml/ex${example}.json`).toString("utf8"),
    );
    const packs = texts.map((text) => encodeSenml(parseSenmlJson(text)));
    const reading = {
      timeMicros: 1_745_836_400_123_457,
      timeQualityMicros: 500,
      sequence: 7,
      u1: 25_981.37,
      u2: null,
      u3: 1.1e-7,
      f: 49.98,
      flagged: true,
    };
    const telemetry = encodeTelemetry({ site: "toledo", node: "node-1" }, reading);
    await compareEngines([
      ...toTasks("senml-json", texts),
      ...toTasks("senml", packs.map(toHex)),
      ...toTasks(
        "senml",
        Array.from({ length: 300 }, (_, index) => toHex(mutate(packs[index % packs.length] as Uint8Array, random))),
      ),
      ...toTasks("telemetry", [
        toHex(telemetry),
        ...Array.from({ length: 300 }, () => toHex(mutate(telemetry, random))),
      ]),
      ...toTasks("topic", [
        "lugh/1/toledo/node-1/birth",
        "lugh/1/toledo/node-1/constructor",
        "lugh/1/é/node-1/birth",
        "",
      ]),
    ]);
    expect(await performOnXs(toTasks("telemetry", [toHex(telemetry)]))).toEqual([toHex(telemetry)]);
  },
  TEST_TIMEOUT_MILLIS,
);

test(
  "an MQTT session lives the same life on both engines, whatever the broker says",
  async () => {
    const said = [
      "d000",
      "40020001",
      "9003000201",
      "30070003612f620102",
      "3209000361 2f62000aff".replace(" ", ""),
      "ff",
      "30ffffffff7f",
      "",
    ];
    await compareEngines(toTasks("session", said));
  },
  TEST_TIMEOUT_MILLIS,
);
