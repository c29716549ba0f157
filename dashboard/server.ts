// Serves the dashboard: the built page, health, the page's settings, and MQTT over WebSocket, on loopback only.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sendFile, sendJson, sendText } from "dashboard/answers";
import { type BrokerAddress, createBridges, type Report, refuse } from "dashboard/bridge";
import { type PageFiles, readPageFiles } from "dashboard/files";
import { headersMillis, maxConnections } from "dashboard/limits";
import type { PageSettings } from "dashboard/settings";
import { isLoopbackName, refusalOf } from "dashboard/visitors";

/** How far the fleet is: nodes that announced their birth, of those that must. */
export interface Readiness {
  readonly expected: number;
  readonly born: number;
}

export interface DashboardOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly broker: BrokerAddress;
  /** Where the built page lies, build/page of the clone. */
  readonly pageFolder: string;
  readonly settings: PageSettings;
  ready(): Readiness;
  /** Takes lines for the log; told about every trouble with a page or the broker. */
  report?: Report;
}

export interface Dashboard {
  readonly port: number;
  readonly url: string;
  /** Pages that are connected to the broker through this server. */
  readonly pages: number;
  /** Ends all connections and resolves when the port is free, within one second. */
  close(): Promise<void>;
}

const loopback = "127.0.0.1";

export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const files = await readPageFiles(options.pageFolder);
  const report = options.report ?? (() => undefined);
  const bridges = createBridges(options.broker, report);
  const server = createServer({ headersTimeout: headersMillis, requestTimeout: headersMillis }, (request, response) =>
    answer(request, response, files, options),
  );
  server.maxConnections = maxConnections;
  server.on("upgrade", (request, socket, head) => {
    const refusal = refusalOf(request);
    if (refusal === null) bridges.accept(request, socket, head);
    else refuse(socket, refusal.status, refusal.text);
  });
  await listen(server, options.port);
  server.on("error", (error) => report(`Cannot accept connections: ${error.message}`));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://localhost:${port}/`,
    get pages() {
      return bridges.open;
    },
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      await bridges.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException): void => {
      const isTaken = error.code === "EADDRINUSE";
      const found = isTaken ? "it taken" : (error.code ?? error.message);
      reject(
        new Error(
          `Cannot listen on ${loopback}:${port}: wanted a free port, found ${found}; choose another with LUGH_HTTP_PORT=${port + 1}`,
          {
            cause: error,
          },
        ),
      );
    };
    server.once("error", refused);
    server.listen(port, loopback, () => {
      server.off("error", refused);
      resolve();
    });
  });
}

function answer(request: IncomingMessage, response: ServerResponse, files: PageFiles, options: DashboardOptions): void {
  if (!isLoopbackName(request.headers.host)) {
    sendText(response, 403, "Cannot answer: wanted localhost in the address, found another host name");
    return;
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    sendText(response, 405, `Cannot answer ${request.method}: wanted GET or HEAD`);
    return;
  }
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  switch (path) {
    case "/health/live":
      sendJson(response, 200, { live: true });
      return;
    case "/health/ready": {
      const { expected, born } = options.ready();
      const isReady = born >= expected;
      sendJson(response, isReady ? 200 : 503, { ready: isReady, expected, born });
      return;
    }
    case "/settings.json":
      sendJson(response, 200, options.settings);
      return;
    case "/mqtt":
      response.setHeader("upgrade", "websocket");
      sendText(response, 426, "Cannot answer: wanted a WebSocket with subprotocol mqtt, found a plain request");
      return;
    default: {
      const file = files.get(path);
      if (file === undefined) sendText(response, 404, "Cannot find this page");
      else sendFile(request, response, file);
    }
  }
}
