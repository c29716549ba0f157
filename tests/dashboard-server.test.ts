// Does the dashboard's server keep its promises: health, the page and nothing but the page, and MQTT for the page alone?

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type Dashboard, type DashboardOptions, startDashboard } from "dashboard/server";
import mqtt, { type MqttClient } from "mqtt";
import { type Broker, startBroker } from "sim/broker";
import WebSocket from "ws";

let folder: string;
let broker: Broker;
let dashboard: Dashboard;
let born = 0;
const reported: string[] = [];
const clients: MqttClient[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dashboard-"));
  await mkdir(join(folder, "page", "assets"), { recursive: true });
  await writeFile(join(folder, "page", "index.html"), "<!doctype html><title>page</title>");
  await writeFile(join(folder, "page", "assets", "index-1234.js"), "export {};\n".repeat(100));
  await writeFile(join(folder, "page", "assets", "index-1234.js.map"), "{}");
  await writeFile(join(folder, "page", ".hidden.html"), "hidden");
  await writeFile(join(folder, "secret.html"), "secret");
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  born = 0;
  reported.length = 0;
  broker = await startBroker({ port: 0 });
  dashboard = await startDashboard(options());
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
  await dashboard.close();
  await broker.close();
});

function options(changed: Partial<DashboardOptions> = {}): DashboardOptions {
  return {
    port: 0,
    broker: { host: "127.0.0.1", port: broker.port },
    pageFolder: join(folder, "page"),
    settings: { insecureCommands: false, startedMillis: 1, versions: { LughOS: "0.1.0" }, nodes: ["toledo/node-1"] },
    ready: () => ({ expected: 2, born }),
    report: (line) => reported.push(line),
    ...changed,
  };
}

function get(path: string, init?: RequestInit): Promise<Response> {
  return fetch(new URL(path, dashboard.url), init);
}

/** Sends bytes as they are, which fetch would not do, and answers all that comes back. */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(dashboard.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.setEncoding("latin1");
    socket.on("data", (part: string) => {
      answer += part;
    });
    socket.on("end", () => resolve(answer));
    socket.on("error", reject);
  });
}

function upgrade(changed: Readonly<Record<string, string | null>>): Promise<string> {
  const headers: Record<string, string | null> = {
    host: `localhost:${dashboard.port}`,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-protocol": "mqtt",
    ...changed,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return sendRaw(`GET /mqtt HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
}

async function connectThroughPage(): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`ws://localhost:${dashboard.port}/mqtt`, {
    protocolVersion: 4,
    reconnectPeriod: 0,
    wsOptions: { origin: `http://localhost:${dashboard.port}` },
  });
  clients.push(client);
  return client;
}

test("live health answers 200 whatever the nodes do", async () => {
  const response = await get("/health/live");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ live: true });
});

test("ready health turns from 503 to 200 when the last expected node was born", async () => {
  born = 1;
  const early = await get("/health/ready");
  expect(early.status).toBe(503);
  expect(await early.json()).toEqual({ ready: false, expected: 2, born: 1 });
  born = 2;
  const late = await get("/health/ready");
  expect(late.status).toBe(200);
  expect(await late.json()).toEqual({ ready: true, expected: 2, born: 2 });
});

test("settings reach the page and are never cached", async () => {
  const response = await get("/settings.json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toEqual(options().settings);
});

test("page comes under a policy that allows only its own scripts and refuses markup made by scripts", async () => {
  const response = await get("/");
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toContain("unsafe");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
});

test("assets are kept by the browser for ever, and the page itself is asked for again and answered with 304", async () => {
  const asset = await get("/assets/index-1234.js");
  expect(asset.headers.get("cache-control")).toContain("immutable");
  expect(asset.headers.get("content-encoding")).toBe("gzip");
  expect(await asset.text()).toBe("export {};\n".repeat(100));
  const page = await get("/");
  const again = await get("/", { headers: { "if-none-match": page.headers.get("etag") ?? "" } });
  expect(again.status).toBe(304);
});

test.each([
  "/../secret.html",
  "/assets/../../secret.html",
  "/%2e%2e/secret.html",
  "/..%2fsecret.html",
  "/assets\\..\\..\\secret.html",
  "//secret.html",
  "/.hidden.html",
  "/assets/index-1234.js.map",
  "/assets",
])("path %s is not found", async (path) => {
  const answer = await sendRaw(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).not.toContain("hidden");
  expect(answer).not.toMatch(/\n\s*secret/);
});

test("request for another host name is refused, so that a re-bound name is not the same origin", async () => {
  const answer = await sendRaw("GET /settings.json HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n");
  expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  expect(answer).not.toContain("insecureCommands");
});

test("methods that change something are refused", async () => {
  const response = await get("/settings.json", { method: "POST", body: "{}" });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("GET, HEAD");
});

test("plain request to /mqtt is told that a WebSocket is wanted", async () => {
  expect((await get("/mqtt")).status).toBe(426);
});

test.each([
  ["another origin", { origin: "http://evil.example" }, 403],
  ["the same host on another port", { origin: "http://localhost:1" }, 403],
  ["an opaque origin", { origin: "null" }, 403],
  ["another host name", { host: "evil.example", origin: "http://evil.example" }, 403],
  ["no subprotocol", { "sec-websocket-protocol": null }, 400],
  ["another subprotocol", { "sec-websocket-protocol": "chat, mqttv5" }, 400],
])("WebSocket from %s is refused", async (_what, headers, status) => {
  const answer = await upgrade(headers as Record<string, string | null>);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(dashboard.pages).toBe(0);
});

test("page speaks MQTT with the broker through the bridge, both ways", async () => {
  const page = await connectThroughPage();
  const other = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`);
  clients.push(other);
  await page.subscribeAsync("lugh/1/+/+/telemetry");
  await other.subscribeAsync("lugh/1/+/+/command");
  const atPage = new Promise<Buffer>((done) => page.once("message", (_topic, payload) => done(payload)));
  const atNode = new Promise<Buffer>((done) => other.once("message", (_topic, payload) => done(payload)));
  await other.publishAsync("lugh/1/toledo/node-1/telemetry", Buffer.from([0, 255, 128]));
  await page.publishAsync("lugh/1/toledo/node-1/command", Buffer.alloc(50_000, 7), { qos: 1 });
  expect([...(await atPage)]).toEqual([0, 255, 128]);
  expect((await atNode).length).toBe(50_000);
  expect(dashboard.pages).toBe(1);
});

test("bridge carries a megabyte of messages in order", async () => {
  const page = await connectThroughPage();
  const other = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`);
  clients.push(other);
  await page.subscribeAsync("burst");
  const received: number[] = [];
  const all = new Promise<void>((done) => {
    page.on("message", (_topic, payload) => {
      received.push(payload.readUInt32BE(0));
      if (received.length === 1_000) done();
    });
  });
  for (let index = 0; index < 1_000; index += 1) {
    const payload = Buffer.alloc(1_000);
    payload.writeUInt32BE(index);
    other.publish("burst", payload);
  }
  await all;
  expect(received).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
});

test("text frames end the connection, because MQTT is binary", async () => {
  const web = new WebSocket(`ws://localhost:${dashboard.port}/mqtt`, "mqtt");
  await new Promise((done) => web.once("open", done));
  const closed = new Promise<number>((done) => web.once("close", done));
  web.send("CONNECT");
  expect(await closed).toBe(1003);
});

test("page that takes nothing any more is cut, so that it cannot hold the broker", async () => {
  const flood = await startFlood();
  const flooded = await startDashboard(options({ broker: { host: "127.0.0.1", port: flood.port } }));
  const web = new WebSocket(`ws://localhost:${flooded.port}/mqtt`, "mqtt");
  await new Promise((done) => web.once("open", done));
  web.pause();
  await until(() => flooded.pages === 1);
  await until(() => flooded.pages === 0);
  // What was waiting for the page was bounded: the buffers of the system, and the bridge's own.
  expect(flood.taken()).toBeLessThan(32 * 1024 * 1024);
  web.terminate();
  await flooded.close();
  await flood.close();
}, 15_000);

test("broker that takes nothing any more stops the page from sending, and nothing piles up between them", async () => {
  const deafSockets: Socket[] = [];
  const deaf = createServer({ pauseOnConnect: true }, (socket) => deafSockets.push(socket));
  await new Promise<void>((done) => deaf.listen(0, "127.0.0.1", done));
  const { port } = deaf.address() as AddressInfo;
  const blocked = await startDashboard(options({ broker: { host: "127.0.0.1", port } }));
  const web = new WebSocket(`ws://localhost:${blocked.port}/mqtt`, "mqtt");
  await new Promise((done) => web.once("open", done));
  const sentBytes = 64 * 1024 * 1024;
  for (let sent = 0; sent < sentBytes; sent += 65_536) web.send(Buffer.alloc(65_536));
  await new Promise((done) => setTimeout(done, 1_000));
  // What has left the page lies in the buffers of the system, which are some megabytes.
  expect(sentBytes - web.bufferedAmount).toBeLessThan(24 * 1024 * 1024);
  await blocked.close();
  web.terminate();
  for (const socket of deafSockets) socket.destroy();
  await new Promise((done) => deaf.close(done));
});

test("page whose broker cannot be reached is told why, and the log is told once", async () => {
  const dark = await startDashboard(options({ broker: { host: "127.0.0.1", port: 1 } }));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const web = new WebSocket(`ws://localhost:${dark.port}/mqtt`, "mqtt");
    const [code, reason] = await new Promise<[number, string]>((done) =>
      web.once("close", (why, text) => done([why, text.toString()])),
    );
    expect(code).toBe(1013);
    expect(reason).toContain("ECONNREFUSED");
  }
  expect(reported).toEqual(["Cannot keep a page connected to the broker: ECONNREFUSED"]);
  await dark.close();
});

test("port that is taken is one line with the cure", async () => {
  const second = startDashboard(options({ port: dashboard.port }));
  await expect(second).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${dashboard.port}: wanted a free port, found it taken; choose another with LUGH_HTTP_PORT=${dashboard.port + 1}`,
  );
});

test("page that was never built is one line with the cure", async () => {
  const unbuilt = startDashboard(options({ pageFolder: join(folder, "nothing") }));
  await expect(unbuilt).rejects.toThrow(/found no such folder; run npm run build$/);
});

test("closing ends open pages and idle connections within a second and frees the port", async () => {
  await connectThroughPage();
  const idle = connect(dashboard.port, "127.0.0.1");
  await new Promise((done) => idle.once("connect", done));
  const startMillis = performance.now();
  await dashboard.close();
  expect(performance.now() - startMillis).toBeLessThan(1_000);
  idle.destroy();
  dashboard = await startDashboard(options({ port: dashboard.port }));
  expect((await get("/health/live")).status).toBe(200);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((done) => setTimeout(done, 20));
}

/** Sends without end to whoever connects, as fast as it is taken. */
async function startFlood(): Promise<{ port: number; taken(): number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  let takenBytes = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    const block = Buffer.alloc(65_536);
    const pour = (): void => {
      do takenBytes += block.length;
      while (!socket.destroyed && socket.write(block));
    };
    socket.on("drain", pour);
    socket.on("error", () => socket.destroy());
    pour();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    taken: () => takenBytes,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
