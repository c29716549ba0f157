// Does `npm start` keep its promises: up by itself, one line that says where, health, the page, and nothing left behind,
// however it ends? Each run is npm with the program below it, in a process group of its own as from a terminal.

import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { type Browser, chromium, type Page } from "playwright-core";
import { findFreePort, isAnswering, Mosquitto } from "sim/outage/mosquitto";
import { chromiumOptions } from "tests/chromium";
import { type LughProcess, startLugh, startNpm } from "tests/lugh-process";
import { MosquittoListener } from "tests/system/mosquitto";

jest.setTimeout(60_000);

const nodeCount = 24;
const started: LughProcess[] = [];

function keep(run: LughProcess): LughProcess {
  started.push(run);
  return run;
}

async function startOnFreePorts(
  more: NodeJS.ProcessEnv = {},
): Promise<{ run: LughProcess; http: number; mqtt: number }> {
  const [http, mqtt] = [await findFreePort(), await findFreePort()];
  const environment = { LUGH_HTTP_PORT: `${http}`, LUGH_MQTT_PORT: `${mqtt}`, LUGH_NODES: `${nodeCount}`, ...more };
  return { run: keep(startNpm(environment)), http, mqtt };
}

async function disposeAll(): Promise<void> {
  for (const run of started.splice(0)) await run.dispose();
}

/** Those of the simulator's workers. */
function workersOf(run: LughProcess): number[] {
  return run.processes().flatMap(({ id, command }) => (command.includes("lugh-sim") ? [id] : []));
}

async function until(holds: () => boolean | Promise<boolean>, withinMillis = 10_000): Promise<void> {
  for (const endMillis = Date.now() + withinMillis; !(await holds()); await sleep(20))
    if (Date.now() > endMillis) throw new Error(`waited ${withinMillis / 1000} s in vain for ${holds}`);
}

describe("npm start", () => {
  let run: LughProcess;
  let http: number;
  let mqtt: number;

  beforeAll(async () => {
    ({ run, http, mqtt } = await startOnFreePorts());
  });

  afterAll(disposeAll);

  test("is alive, and ready within 20 s where it is built, when every node has announced itself", async () => {
    const health = async (path: string): Promise<Response> => fetch(`http://127.0.0.1:${http}/health/${path}`);
    await until(async () => (await isAnswering(http)) && (await health("ready")).status === 200, 20_000);
    expect(Date.now() - run.startedMillis).toBeLessThan(20_000);
    expect((await health("live")).status).toBe(200);
    expect(await (await health("ready")).json()).toEqual({ ready: true, expected: nodeCount, born: nodeCount });
  });

  test("prints one line, with the addresses of page and broker", async () => {
    await run.untilOutput(/is up.*\n/);
    const lines = run
      .output()
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("> "));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`http://localhost:${http}/`);
    expect(lines[0]).toContain(`mqtt://127.0.0.1:${mqtt}`);
  });

  test("says loudly that commands are not signed, and nothing else", () => {
    expect(run.standardError().trimEnd().split("\n")).toEqual([expect.stringMatching(/^INSECURE: /)]);
  });

  describe("shows its fleet in Chromium", () => {
    let browser: Browser;
    let page: Page;
    const complaints: string[] = [];

    beforeAll(async () => {
      browser = await chromium.launch(chromiumOptions);
      page = await browser.newPage({ viewport: { width: 1440, height: 1200 } });
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (line) => line.type() === "error" && complaints.push(line.text()));
      await page.goto(`http://localhost:${http}/`);
    });

    afterAll(() => browser.close());

    /** The cells of a column of the fleet, from the first node to the last. */
    function column(name: string): Promise<string[]> {
      return page.locator(`table.fleet tbody tr .column-${name}`).allInnerTexts();
    }

    async function untilColumn(name: string, wanted: RegExp): Promise<void> {
      let cells: string[] = [];
      const isShown = async (): Promise<boolean> => {
        cells = await column(name);
        return cells.length === nodeCount && cells.every((cell) => wanted.test(cell));
      };
      await until(isShown).catch(() => {
        throw new Error(`Cannot see ${wanted} in each row: found ${JSON.stringify(cells)}`);
      });
    }

    test("as 24 nodes that are alive, with voltages and frequency", async () => {
      await untilColumn("state", /● alive/);
      for (const name of ["u1", "u2", "u3"]) await untilColumn(name, /\d+\.\d{3} kV$/);
      await untilColumn("f", /\d+\.\d{3} Hz$|^invalid$/);
    });

    test("with values that change", async () => {
      const first = await column("u1");
      await until(async () => (await column("u1")).every((cell, index) => cell !== first[index]));
    });

    test("and shows a service come back that was faulted by its button", async () => {
      await page.goto(`http://localhost:${http}/#/toledo/node-7`);
      const row = page.locator("table.services tbody tr", { hasText: "sensor" });
      await until(async () => /running\s+0\s+1\s/.test(await row.innerText()));
      await page.getByRole("button", { name: "Inject spin into sensor" }).click();
      await until(async () => /1\s+2\s+out-of-budget/.test(await row.innerText()));
      await page.goto(`http://localhost:${http}/`);
      const restarts = async (): Promise<string[]> => (await column("restarts")).filter((cell) => cell !== "0");
      await until(async () => (await restarts()).join() === "1");
    });

    test("without an error of the page", () => {
      expect(complaints).toEqual([]);
    });
  });

  test("stops everything within 3 s of Ctrl-C, with exit code 0, and leaves no process and no port behind", async () => {
    expect(workersOf(run)).not.toEqual([]);
    const { code, signal, millis } = await run.interrupt();
    expect(run.processes()).toEqual([]);
    expect(millis).toBeLessThan(3_000);
    expect([await isAnswering(http), await isAnswering(mqtt)]).toEqual([false, false]);
    expect({ code, signal }).toEqual({ code: 0, signal: null });
  });
});

describe("npm start that ends in another way", () => {
  afterEach(disposeAll);

  test("ends whole within 3 s when a supervisor terminates npm, and only npm", async () => {
    const { run } = await startOnFreePorts({ LUGH_NODES: "2" });
    await run.untilOutput(/is up/);
    const { millis } = await run.terminate();
    expect(millis).toBeLessThan(3_000);
    await until(() => run.processes().length === 0, 1_000);
  });

  test("leaves no worker behind when the program itself is killed", async () => {
    const { run } = await startOnFreePorts({ LUGH_NODES: "2" });
    await run.untilOutput(/is up/);
    const program = run.processes().find(({ command }) => /^\S*node \S*cli\/lugh\.mjs/.test(command));
    process.kill(program?.id as number, "SIGKILL");
    await run.untilEnded();
    await until(() => run.processes().length === 0, 3_000);
  });

  test("ends with code 1 and says why when a worker of the simulator is killed", async () => {
    const { run } = await startOnFreePorts({ LUGH_NODES: "4" });
    await run.untilOutput(/is up/);
    for (const id of workersOf(run)) process.kill(id, "SIGKILL");
    expect(await run.untilEnded(5_000)).toMatchObject({ code: 1 });
    const reasons = run
      .standardError()
      .split("\n")
      .filter((line) => line.startsWith("lugh: "));
    expect(reasons).toEqual([expect.stringMatching(/Worker 1 of the simulator ended.*SIGKILL/)]);
    expect(run.processes()).toEqual([]);
  });

  test("a worker that is killed takes its nodes along, which the broker tells by their wills", async () => {
    const mosquitto = await Mosquitto.start();
    const listener = await MosquittoListener.start(mosquitto.port);
    try {
      const run = keep(
        startLugh(["sim", "--nodes", "4", "--world", "steady", "--broker", `mqtt://127.0.0.1:${mosquitto.port}`]),
      );
      await run.untilOutput(/is up/);
      for (const id of workersOf(run)) process.kill(id, "SIGKILL");
      await listener.until(() => listener.of("death").length === 4);
      const sessions = (kind: string): string[] =>
        listener
          .bodies<{ node: string; session: number }>(kind)
          .map(({ session }) => `${session}`)
          .sort();
      expect(sessions("death")).toEqual(sessions("birth"));
      expect(await run.untilEnded(5_000)).toMatchObject({ code: 1 });
    } finally {
      await listener.stop();
      await mosquitto.dispose();
    }
  });
});

describe("what keeps npm start from starting", () => {
  afterEach(disposeAll);

  test.each(["LUGH_HTTP_PORT", "LUGH_MQTT_PORT"])(
    "a taken port is one line that names %s and a free one, and exit code 1",
    async (variable) => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as { port: number };
      const { run } = await startOnFreePorts({ [variable]: `${port}` });
      const { code } = await run.untilEnded();
      server.close();
      expect(code).toBe(1);
      const lines = run
        .standardError()
        .split("\n")
        .filter((line) => line.startsWith("lugh: "));
      expect(lines).toEqual([expect.stringContaining(`found it taken; choose another with ${variable}=${port + 1}`)]);
      expect(run.processes()).toEqual([]);
    },
  );

  test.each(["0", "-1", "1001", "1.5", "many", "24 nodes", " 24"])(
    "LUGH_NODES=%j is refused by name",
    async (value) => {
      const run = keep(startLugh(["start"], { LUGH_HTTP_PORT: "0", LUGH_MQTT_PORT: "0", LUGH_NODES: value }));
      expect((await run.untilEnded()).code).toBe(2);
      expect(run.standardError()).toBe(
        `lugh: Cannot read LUGH_NODES: wanted a whole number from 1 to 1000, found "${value}"\n`,
      );
      expect(run.output()).toBe("");
    },
  );
});

describe("a record that is not whole", () => {
  const folder = mkdtempSync(join(tmpdir(), "lugh-record-"));
  const rows = readFileSync("sim/data/toledo-blackout/toledo_data.csv", "utf8").split("\n");

  afterEach(disposeAll);
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ["cut in the middle of a row", rows.slice(0, 100).join("\n").slice(0, -20), 100, "found"],
    ["cut at the end of a row, before its line end", rows.slice(0, 100).join("\n"), 100, "is the file cut?"],
    [
      "without one of its rows",
      rows.filter((_, index) => index !== 50).join("\n"),
      51,
      "wanted a time 2 s after the row before, found 4 s",
    ],
    [
      "with a letter in a number",
      rows.map((row, index) => (index === 70 ? `2x${row}` : row)).join("\n"),
      71,
      "wanted a number",
    ],
    ["that is another file", "hello\n", 1, "wanted the header"],
  ])("%s is told with file and line, and no node starts", async (_title, text, line, reason) => {
    const mosquitto = await Mosquitto.start();
    const listener = await MosquittoListener.start(mosquitto.port);
    try {
      const file = join(folder, "record.csv");
      writeFileSync(file, text);
      const run = keep(startLugh(["sim", "--world", `csv:${file}`, "--broker", `mqtt://127.0.0.1:${mosquitto.port}`]));
      const hasWorker = until(() => !run.isRunning || workersOf(run).length > 0).then(() => run.isRunning);
      expect(await run.untilEnded()).toMatchObject({ code: 1 });
      expect(run.standardError()).toMatch(new RegExp(`^lugh: Cannot read record ${file}:${line}: .*\n$`));
      expect(run.standardError()).toContain(reason);
      expect(await hasWorker).toBe(false);
      expect(listener.heard).toEqual([]);
    } finally {
      await listener.stop();
      await mosquitto.dispose();
    }
  });
});
