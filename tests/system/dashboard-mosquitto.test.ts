// Does the page work with a broker that is not ours? The bridge only moves bytes, so mosquitto must serve it as aedes does.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { type Dashboard, startDashboard } from "dashboard/server";
import { type Browser, chromium, type Page } from "playwright-core";
import { chromiumOptions } from "tests/chromium";
import { SyntheticNode } from "tests/dashboard-fleet";

jest.setTimeout(30_000);

let folder: string;
let port: number;
let mosquitto: ChildProcess;
let dashboard: Dashboard;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dashboard-"));
  port = await freePort();
  await startMosquitto();
  dashboard = await startDashboard({
    port: 0,
    broker: { host: "127.0.0.1", port },
    pageFolder: resolve("build/page"),
    settings: { insecureCommands: false, startedMillis: Date.now(), versions: {}, nodes: [] },
    ready: () => ({ expected: 0, born: 0 }),
  });
  browser = await chromium.launch(chromiumOptions);
  page = await browser.newPage();
  await page.goto(dashboard.url);
});

afterAll(async () => {
  await browser.close();
  await dashboard.close();
  await stopMosquitto();
  await rm(folder, { recursive: true });
});

test("node behind mosquitto lives and dies on the page", async () => {
  await reads("#link-state", /● connected/);
  const node = await SyntheticNode.connect(port, "toledo/node-1");
  await node.read({ f: 49.987 });
  await reads("table.fleet tbody", /toledo\/node-1\s+● alive[\s\S]*49\.987 Hz/);
  node.cutPower();
  await reads("table.fleet tbody", /toledo\/node-1\s+✕ dead/);
});

test("page that opens later is told by what mosquitto retained that the node is dead", async () => {
  await page.reload();
  await reads("table.fleet tbody", /toledo\/node-1\s+✕ dead/);
  expect(await page.locator("#notices li").count()).toBe(0);
});

test("page comes back by itself when mosquitto was away", async () => {
  await stopMosquitto();
  await reads("#outage", /No connection to the broker/);
  await startMosquitto();
  await reads("#link-state", /● connected/);
});

async function reads(selector: string, wanted: RegExp): Promise<void> {
  const endMillis = Date.now() + 10_000;
  let found = "";
  while (!wanted.test(found)) {
    if (Date.now() > endMillis) throw new Error(`Cannot see it: wanted ${wanted}, found "${found}"`);
    found = await page.locator(selector).innerText();
    await sleep(50);
  }
}

async function startMosquitto(): Promise<void> {
  const settings = join(folder, "mosquitto.conf");
  await writeFile(settings, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
  mosquitto = spawn("/usr/sbin/mosquitto", ["-c", settings], { stdio: "ignore" });
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await answers()) return;
    await sleep(50);
  }
  throw new Error("Cannot reach mosquitto: wanted it within 5 s, found nobody on its port");
}

async function stopMosquitto(): Promise<void> {
  const ended = once(mosquitto, "exit");
  mosquitto.kill();
  await ended;
}

function answers(): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => done(false));
    socket.once("connect", () => {
      socket.destroy();
      done(true);
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return free;
}
