// Does an operator in a real browser see the truth? Chromium shows the built page; nodes that speak through wire/ do what
// each test says. Needs Chromium from the system and the page from `npm run build`.

import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from "@jest/globals";
import { type Dashboard, startDashboard } from "dashboard/server";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { type Broker, startBroker } from "sim/broker";
import { chromiumOptions } from "tests/chromium";
import { type NodeOptions, SyntheticNode, services } from "tests/dashboard-fleet";

const patienceMillis = 8_000;
jest.setTimeout(40_000);

let browser: Browser;
let broker: Broker;
let dashboard: Dashboard;
let page: Page;
let nodes: SyntheticNode[];
/** What the browser's console says of errors, which must be nothing. */
let complaints: string[];

beforeAll(async () => {
  browser = await chromium.launch(chromiumOptions);
});

afterAll(() => browser.close());

beforeEach(async () => {
  nodes = [];
  complaints = [];
  broker = await startBroker({ port: 0 });
  dashboard = await serve(["toledo/node-1", "toledo/node-2", "toledo/node-3"]);
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => line.type() === "error" && complaints.push(line.text()));
});

afterEach(async () => {
  await page.close();
  await Promise.all(nodes.map((node) => node.leave()));
  await dashboard.close();
  await broker.close();
});

function serve(expected: readonly string[], { port = 0, insecureCommands = false } = {}): Promise<Dashboard> {
  return startDashboard({
    port,
    broker,
    pageFolder: resolve("build/page"),
    settings: { insecureCommands, startedMillis: Date.now(), versions: { LughOS: "0.1.0" }, nodes: expected },
    ready: () => ({ expected: expected.length, born: nodes.length }),
  });
}

async function join(name: string, options: NodeOptions = {}): Promise<SyntheticNode> {
  const node = await SyntheticNode.connect(broker.port, name, options);
  nodes.push(node);
  return node;
}

function row(name: string): Locator {
  return page.locator("table.fleet tbody tr", { has: page.getByRole("link", { name, exact: true }) });
}

function cell(name: string, column: string): Locator {
  return row(name).locator(`.column-${column}`);
}

/** Waits until the text of an element is as wanted, and answers it; what it was last is told when it never is. */
async function reads(element: Locator, wanted: RegExp, withinMillis = patienceMillis): Promise<string> {
  const endMillis = Date.now() + withinMillis;
  let found = "";
  while (Date.now() < endMillis) {
    found = (await element.count()) === 1 ? await element.innerText() : "";
    if (wanted.test(found)) return found;
    await sleep(50);
  }
  throw new Error(`Cannot see it: wanted ${wanted}, found "${found}"`);
}

test("table shows every expected node, with the values and units of those that report", async () => {
  const node = await join("toledo/node-1");
  await node.state(services({ restarts: 2 }));
  await page.goto(dashboard.url);
  await reads(page.locator("#link-state"), /● connected/);
  await node.read({ u1: 25_981.4, u2: null, u3: 21_000, f: 49.9876, worldTime: "2025-04-28T12:33:20+02:00" });
  await reads(cell("toledo/node-1", "state"), /^● alive$/);
  await reads(cell("toledo/node-1", "u1"), /^25\.981 kV$/);
  await reads(cell("toledo/node-1", "u2"), /^–$/);
  await reads(cell("toledo/node-1", "u3"), /^▼ 21\.000 kV$/);
  await reads(cell("toledo/node-1", "f"), /^49\.988 Hz$/);
  await reads(cell("toledo/node-1", "restarts"), /^2$/);
  await reads(cell("toledo/node-2", "state"), /^○ never seen$/);
  await reads(page.locator("#count-alive"), /^1 \/ 3$/);
  await reads(page.locator("#record-time"), /^2025-04-28 12:33:20 \+02:00$/);
  await reads(page.locator("#link-state"), /connected/);
  expect(complaints).toEqual([]);
});

test("values follow the readings, and an invalid frequency is a word", async () => {
  const node = await join("toledo/node-1");
  await page.goto(dashboard.url);
  await reads(page.locator("#link-state"), /● connected/);
  await node.read({ f: 50.012 });
  await reads(cell("toledo/node-1", "f"), /^50\.012 Hz$/);
  await node.read({ f: 48.6 }, Date.now() + 1_000);
  await reads(cell("toledo/node-1", "f"), /^▼ 48\.600 Hz$/);
  await node.read({ f: null }, Date.now() + 2_000);
  await reads(cell("toledo/node-1", "f"), /^invalid$/);
});

test("node that loses power is dead at once, its values grey with their age, and comes back with its next birth", async () => {
  const node = await join("toledo/node-1");
  await page.goto(dashboard.url);
  await reads(page.locator("#link-state"), /● connected/);
  await node.read();
  await reads(cell("toledo/node-1", "state"), /alive/);
  expect(await row("toledo/node-1").getAttribute("data-current")).toBe("true");
  const alive = await colourOf(cell("toledo/node-1", "u1"));
  node.cutPower();
  await reads(cell("toledo/node-1", "state"), /^✕ dead \d+ s$/, 2_000);
  expect(await row("toledo/node-1").getAttribute("data-current")).toBe("false");
  expect(await colourOf(cell("toledo/node-1", "u1"))).not.toBe(alive);
  await reads(page.locator("#count-dead"), /^1$/);
  await reads(page.locator("#notices li").first(), /toledo\/node-1 died, session 1/);
  const again = await join("toledo/node-1", { session: 2 });
  await again.read();
  await reads(cell("toledo/node-1", "state"), /^● alive$/);
});

test("node that falls silent goes stale although its connection stands", async () => {
  const node = await join("toledo/node-1");
  await page.goto(dashboard.url);
  await reads(page.locator("#link-state"), /● connected/);
  await node.read();
  await reads(cell("toledo/node-1", "state"), /alive/);
  await reads(cell("toledo/node-1", "state"), /^◐ stale [5-9] s$/, 10_000);
  await reads(page.locator("#count-stale"), /^1$/);
});

test("event at several nodes is one alarm that says how many, how bad and how long", async () => {
  const all = await Promise.all(["toledo/node-1", "toledo/node-2", "toledo/node-3"].map((name) => join(name)));
  await page.goto(dashboard.url);
  await reads(page.locator("#link-state"), /● connected/);
  const startMicros = Date.now() * 1_000;
  for (const node of all) await node.report({ kind: "interruption", phase: "begin", id: 1, startMicros, extreme: 900 });
  const alarm = page.locator(".incident");
  await reads(alarm, /Interruption\s*3 nodes[\s\S]*residual 900\.0 V[\s\S]*● ongoing at 3/);
  await reads(page.locator("#announcement"), /^Interruption, \d nodes?$/);
  for (const node of all) {
    await node.report({
      kind: "interruption",
      phase: "end",
      id: 1,
      startMicros,
      extreme: 300,
      durationMicros: 3_200_000,
    });
  }
  await reads(alarm, /residual 300\.0 V[\s\S]*longest 3\.2 s/);
  await reads(cell("toledo/node-1", "event"), /^✖ Interruption 3\.2 s$/);
  await reads(page.locator("#count-events"), /^3$/);
  await alarm.locator("summary").click();
  await reads(alarm.locator("li", { hasText: "toledo/node-2" }), /L1 L2 L3, 300\.0 V, 3\.2 s/);
});

test("secure fleet has neither banner nor buttons", async () => {
  const node = await join("toledo/node-1");
  await node.state(services());
  await page.goto(`${dashboard.url}#/toledo/node-1`);
  await reads(page.locator("table.services tbody"), /sensor/);
  expect(await page.locator("#insecure").isVisible()).toBe(false);
  expect(await page.locator("table.services button:visible").count()).toBe(0);
});

test("insecure node brings the banner and buttons that send a fault and show the reply", async () => {
  const node = await join("toledo/node-1", { insecureCommands: true });
  await node.state(services());
  await page.goto(`${dashboard.url}#/toledo/node-1`);
  await reads(page.locator("#insecure"), /INSECURE COMMANDS: anyone who reaches the broker can change these nodes/);
  await page.getByRole("button", { name: "Inject spin into sensor" }).click();
  const command = await commandAt(node);
  expect(command).toMatchObject({ operation: "fault", argument: { service: "sensor", kind: "spin" } });
  await node.reply({ requestId: command.requestId, ok: true, result: null });
  await reads(page.locator(".answers li").first(), /^✓ spin into sensor: done \(\d+ ms\)/);
  await page.getByRole("button", { name: "Inject kill into mqtt" }).click();
  const second = await commandAt(node);
  await node.reply({ requestId: second.requestId, ok: false, code: "refused", message: "not this one" });
  await reads(page.locator(".answers li").first(), /^✕ kill into mqtt: refused \(refused\) not this one$/);
  await node.state(services({ restarts: 1, generation: 2, lastFault: "out-of-budget" }));
  await reads(page.locator("table.services tbody tr", { hasText: "sensor" }), /1\s+2\s+out-of-budget/);
});

test("command that nobody answers is told as unanswered", async () => {
  const node = await join("toledo/node-1", { insecureCommands: true });
  await node.state(services());
  await page.goto(`${dashboard.url}#/toledo/node-1`);
  await page.getByRole("button", { name: "Inject throw into sensor" }).click();
  await reads(page.locator(".answers li").first(), /^✕ throw into sensor: no reply within 5 s$/);
});

test("node in depth shows readings, charts, log and birth, and its address can be opened directly", async () => {
  const node = await join("toledo/node-2", { session: 7 });
  await page.goto(`${dashboard.url}#/toledo/node-2`);
  await reads(page.locator("#link-state"), /● connected/);
  for (let second = 30; second >= 0; second -= 1) await node.read({ f: 50.005 }, Date.now() - second * 1_000);
  await node.log("warning", "sensor", "a gap of 80 samples");
  await reads(page.locator(".tile").first(), /U1\s+25\.981 kV\s+100\.0 % of 25\.981 kV declared/);
  await reads(page.locator(".tile").last(), /Frequency\s+50\.005 Hz\s+\+5 mHz from 50 Hz/);
  await reads(page.locator(".log li").first(), /warning sensor: a gap of 80 samples$/);
  await reads(page.locator("table.facts"), /Session\s+7[\s\S]*Engine\s+XS 13\.3\.0/);
  expect(await inkOf(page.locator(".chart canvas").first())).toBeGreaterThan(1_000);
  expect(await page.title()).toBe("toledo/node-2 · LughOS");
  await page.getByRole("link", { name: "← Fleet" }).click();
  await reads(cell("toledo/node-2", "session"), /^7$/);
});

test("text from the network is text: markup in it stays visible and makes no element", async () => {
  const node = await join("toledo/node-1");
  const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  await page.goto(`${dashboard.url}#/toledo/node-1`);
  await reads(page.locator("#link-state"), /● connected/);
  await node.log("error", "sensor", hostile);
  await node.state(services({ lastFault: hostile }));
  expect(await reads(page.locator(".log li").first(), /onerror/)).toContain(hostile);
  await reads(page.locator("table.services tbody"), /onerror/);
  expect(await page.locator("#content img, #content script").count()).toBe(0);
  expect(await page.title()).toBe("toledo/node-1 · LughOS");
  expect(complaints).toEqual([]);
});

test("garbage is counted once a kind and the page goes on", async () => {
  const node = await join("toledo/node-1");
  await page.goto(dashboard.url);
  await reads(page.locator("#link-state"), /● connected/);
  for (let times = 0; times < 3; times += 1) {
    await node.publish("telemetry", new Uint8Array([0xff, times]), { qos: 1, retain: false });
  }
  await node.publish("event", new Uint8Array([0xa0]), { qos: 1, retain: false });
  await reads(page.locator("#problems summary"), /^4 messages could not be understood$/);
  await page.locator("#problems summary").click();
  await reads(page.locator("#problem-list"), /3 × .*toledo\/node-1\/telemetry[\s\S]*1 × .*toledo\/node-1\/event/);
  await node.read({ f: 50.001 });
  await reads(cell("toledo/node-1", "f"), /^50\.001 Hz$/);
  expect(complaints).toEqual([]);
});

test("page that loses the server says so, lets its values go stale, and comes back by itself", async () => {
  const node = await join("toledo/node-1");
  await page.goto(dashboard.url);
  await reads(page.locator("#link-state"), /● connected/);
  await node.read();
  await reads(cell("toledo/node-1", "state"), /alive/);
  const { port } = dashboard;
  await dashboard.close();
  await reads(page.locator("#outage"), /No connection to the broker/);
  await node.read({ f: 51 });
  await reads(cell("toledo/node-1", "state"), /stale/, 10_000);
  dashboard = await serve([], { port });
  await reads(page.locator("#link-state"), /● connected/);
  await node.read({ f: 50.123 });
  await reads(cell("toledo/node-1", "f"), /^50\.123 Hz$/);
  expect(await page.locator("#outage").isVisible()).toBe(false);
});

test("columns sort and filters narrow, by keyboard too", async () => {
  for (const name of ["toledo/node-1", "toledo/node-2", "toledo/node-3"]) await join(name);
  await page.goto(dashboard.url);
  await reads(page.locator("#link-state"), /● connected/);
  for (const [index, node] of nodes.entries()) await node.read({ f: 50.3 - index / 10 });
  await reads(cell("toledo/node-3", "f"), /50\.100/);
  await page.getByRole("button", { name: "f", exact: true }).focus();
  await page.keyboard.press("Enter");
  await reads(page.locator("table.fleet tbody tr:not(.spacer)").first(), /node-3/);
  expect(await page.locator("th.column-f[aria-sort]").getAttribute("aria-sort")).toBe("ascending");
  await page.keyboard.press("Enter");
  await reads(page.locator("table.fleet tbody tr:not(.spacer)").first(), /node-1/);
  await page.getByLabel("Name").fill("node-2");
  await reads(page.locator("#shown"), /^1 of 3 shown$/);
  expect(await page.locator("table.fleet tbody tr:not(.spacer)").count()).toBe(1);
});

async function commandAt(node: SyntheticNode): Promise<{ requestId: string }> {
  const endMillis = Date.now() + patienceMillis;
  while (Date.now() < endMillis) {
    const command = node.commands.shift();
    if (command !== undefined) return command;
    await sleep(20);
  }
  throw new Error("Cannot see a command: wanted one, found none");
}

function colourOf(element: Locator): Promise<string> {
  return element.evaluate((found) => found.ownerDocument.defaultView?.getComputedStyle(found).color ?? "");
}

/** How much longer a canvas is as a picture than an empty one of its size. */
function inkOf(canvas: Locator): Promise<number> {
  return canvas.evaluate((found) => {
    const drawn = found as unknown as Canvas;
    return drawn.toDataURL().length - drawn.cloneNode().toDataURL().length;
  });
}

/** What a test needs of a canvas; the types of the browser are not those of a test. */
interface Canvas {
  cloneNode(): Canvas;
  toDataURL(): string;
}
