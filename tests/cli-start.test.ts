// Does `lugh start` bring up a fleet on the real engine, say where it is, and take everything down again?

import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { type CliProcess, type ErrorShape, runCli, runJson, startCli } from "tests/cli-run";

// Each call is a process, and other tests run beside it.
jest.setTimeout(30_000);

const folder = mkdtempSync(join(tmpdir(), "lugh-"));
/** Apart from a fleet that may run from this clone. */
const environment = {
  LUGH_RUN_FILE: join(folder, "run.json"),
  LUGH_HTTP_PORT: "0",
  LUGH_MQTT_PORT: "0",
  LUGH_NODES: "2",
};
const running: CliProcess[] = [];

function start(args: readonly string[], more: NodeJS.ProcessEnv = {}): CliProcess {
  const started = startCli(args, { environment: { ...environment, ...more } });
  running.push(started);
  return started;
}

async function stopAll(): Promise<void> {
  for (const { child, result } of running.splice(0)) {
    child.kill("SIGKILL");
    await result;
  }
}

async function until(holds: () => unknown): Promise<void> {
  for (let end = Date.now() + 20_000; !(await holds()); await sleep(50))
    if (Date.now() > end) throw new Error(`waited in vain for ${holds}`);
}

interface Services {
  readonly services: readonly { readonly name: string; readonly restarts: number; readonly generation: number }[];
}

async function servicesOf(node: string): Promise<Services["services"]> {
  return (await runJson<Services>(["ps", node], { environment })).json.services;
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("lugh start", () => {
  let fleet: CliProcess;
  let http = "";

  beforeAll(async () => {
    fleet = start(["start"]);
    await until(() => fleet.output() !== "");
    http = /http:\/\/localhost:\d+/.exec(fleet.output())?.[0] ?? "";
  });

  afterAll(stopAll);

  test("prints one line that says where dashboard and broker are", () => {
    expect(fleet.output()).toMatch(
      /^LughOS is up, 2 nodes of toledo: http:\/\/localhost:\d+\/ {2}mqtt:\/\/127\.0\.0\.1:\d+ {2}\(Ctrl-C stops it\)\n$/,
    );
  });

  test("is ready when every node has announced itself", async () => {
    const [live, ready] = await Promise.all(["live", "ready"].map((health) => fetch(`${http}/health/${health}`)));
    expect([live?.status, ready?.status]).toEqual([200, 200]);
    expect(await ready?.json()).toEqual({ ready: true, expected: 2, born: 2 });
  });

  test("is what the other commands talk to when they are not told otherwise", async () => {
    const { json } = await runJson<{ nodes: { node: string; status: string }[] }>(["ps"], { environment });
    expect(json.nodes.map(({ node, status }) => `${node} ${status}`)).toEqual([
      "toledo/node-1 alive",
      "toledo/node-2 alive",
    ]);
  });

  test.each(["kill", "spin", "memory", "stack", "throw"])(
    "a service that is faulted by %s comes back, and its neighbours do not notice",
    async (kind) => {
      const before = await servicesOf("toledo/node-1");
      const { code } = await runCli(["fault", "toledo/node-1", "reporter", kind], { environment });
      expect(code).toBe(0);
      const restartsOf = (services: Services["services"]): object =>
        Object.fromEntries(services.map(({ name, restarts }) => [name, restarts]));
      const reporter = before.find(({ name }) => name === "reporter");
      const expected = { ...restartsOf(before), reporter: (reporter?.restarts ?? 0) + 1 };
      await until(
        async () => JSON.stringify(restartsOf(await servicesOf("toledo/node-1"))) === JSON.stringify(expected),
      );
    },
  );

  test("stops everything within three seconds of Ctrl-C", async () => {
    const begun = Date.now();
    fleet.child.kill("SIGINT");
    const { code } = await fleet.result;
    expect(Date.now() - begun).toBeLessThan(3_000);
    expect(code).toBe(0);
    await expect(fetch(`${http}/health/live`)).rejects.toThrow();
    expect(() => readFileSync(environment.LUGH_RUN_FILE)).toThrow("ENOENT");
  });
});

describe("what cannot start", () => {
  afterEach(stopAll);

  test.each(["LUGH_MQTT_PORT", "LUGH_HTTP_PORT"])("a taken %s is one line with the cure", async (variable) => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const { code, stdout, stderr } = await runCli(["start"], {
      environment: { ...environment, [variable]: `${port}` },
    });
    server.close();
    const cure = `wanted a free port, found it taken; choose another with ${variable}=${port + 1}`;
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: "",
      stderr: `lugh: Cannot listen on 127.0.0.1:${port}: ${cure}\n`,
    });
  });

  test("a taken port of lugh sim names its option", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const { json } = await runJson<ErrorShape>(["sim", "--mqtt", `${port}`], { environment });
    server.close();
    expect(json.error.message).toContain(`found it taken; choose another with --mqtt ${port + 1}`);
  });

  test("a record that was cut is told with file and line, and no node starts", async () => {
    const record = readFileSync("sim/data/toledo-blackout/toledo_data.csv", "utf8").slice(0, 5_000);
    const file = join(folder, "cut.csv");
    writeFileSync(file, record);
    const { code, json } = await runJson<ErrorShape>(["sim", "--mqtt", "0", "--world", `csv:${file}`], { environment });
    const line = record.split("\n").length;
    expect(code).toBe(1);
    expect(json.error.message).toContain(`Cannot read record ${file}:${line}`);
  });

  test.each([
    [
      ["--world", "atlantis"],
      'Cannot open world "atlantis": wanted blackout, steady, feeder, comtrade:FILE or csv:FILE',
    ],
    [["--at", "25:00"], 'Cannot begin the record at 25:00: wanted a time from 11:00:00 to 12:59:58, found "25:00"'],
  ])("lugh sim %j is refused before anything starts", async (args, message) => {
    const { code, json } = await runJson<ErrorShape>(["sim", "--mqtt", "0", ...args], { environment });
    expect({ code, json }).toEqual({
      code: 1,
      json: { error: { code: "failed", message: expect.stringContaining(message) } },
    });
  });

  test("what is interrupted while it starts stops too", async () => {
    const { child, result } = start(["start"], { LUGH_NODES: "100" });
    await sleep(700);
    const begun = Date.now();
    child.kill("SIGINT");
    await result;
    expect(Date.now() - begun).toBeLessThan(3_000);
  });
});

describe("lugh sim", () => {
  afterEach(stopAll);

  test("says as JSON where it is, and does not fault services unless it was told that it may", async () => {
    const { output } = start(["sim", "--nodes", "1", "--site", "lab", "--world", "steady", "--mqtt", "0", "--json"]);
    await until(() => output() !== "");
    const told = JSON.parse(output()) as { mqtt: string };
    expect(told).toEqual({
      mqtt: expect.stringMatching(/^mqtt:/),
      http: null,
      nodes: ["lab/node-1"],
      insecureCommands: false,
    });
    const { code, json } = await runJson(["fault", "lab/node-1", "sensor", "kill", "--broker", told.mqtt]);
    expect({ code, error: json.error.code }).toEqual({ code: 1, error: "not-permitted" });
    expect(json.error.message).toContain("--insecure-commands");
  });

  test("takes another broker, and says so when there is none", async () => {
    const { code, json } = await runJson(["sim", "--nodes", "1", "--broker", "mqtt://127.0.0.1:1"], { environment });
    expect({ code, error: json.error.code }).toEqual({ code: 1, error: "broker-unreachable" });
  });
});

test("flash is kept in no folder that cannot be made", async () => {
  for (const storage of ["/proc/none", join(folder, "none", "there")]) {
    const { result } = start(["sim", "--nodes", "1", "--mqtt", "0", "--storage", storage]);
    expect(await result).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Cannot keep flash in ${storage}: `),
    });
  }
});
