// Carries MQTT between a page's WebSocket and the broker's TCP port.
//
// MQTT over WebSocket is the same byte stream in binary frames (MQTT 3.1.1, section 6), so the bridge moves bytes and
// understands none of them. That makes one endpoint serve the embedded broker and any other. Both directions are
// bounded: what one side cannot take stops the other side from being read.

import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  goodbyeMillis,
  maxBridges,
  maxPacketBytes,
  maxReports,
  maxWaitingBytes,
  resumeBytes,
  stallMillis,
} from "dashboard/limits";
import { type WebSocket, WebSocketServer } from "ws";

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** A line for the operator's log. The same line comes once, and again only when the broker was reached in between. */
export type Report = (line: string) => void;

export interface Bridges {
  /** Takes over a socket whose request asked for an upgrade and passed the server's checks. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly open: number;
  close(): Promise<void>;
}

/** WebSocket close codes (RFC 6455, section 7.4.1 and its registry). */
const goingAway = 1001;
const onlyBinary = 1003;
const tryAgainLater = 1013;

export function createBridges(broker: BrokerAddress, report: Report): Bridges {
  const told = new Set<string>();
  const reportOnce = (line: string): void => {
    if (!told.has(line) && told.size < maxReports) report(line);
    told.add(line);
  };
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false,
    maxPayload: maxPacketBytes,
    handleProtocols: () => "mqtt",
  });
  return {
    accept(request, socket, head) {
      if (server.clients.size >= maxBridges) {
        refuse(
          socket,
          "503 Service Unavailable",
          `Cannot open another page: wanted fewer than ${maxBridges} open, found ${server.clients.size}`,
        );
        return;
      }
      server.handleUpgrade(request, socket, head, (web) => {
        const toBroker = connect({ ...broker, noDelay: true });
        toBroker.on("connect", () => told.clear());
        join(web, toBroker, reportOnce);
      });
    },
    get open() {
      return server.clients.size;
    },
    async close() {
      for (const web of server.clients) web.close(goingAway, "the dashboard is closing");
      await goodbye(server.clients);
      for (const web of server.clients) web.terminate();
      server.close();
    },
  };
}

/** Answers an upgrade that is not wanted, in plain HTTP, and closes. */
export function refuse(socket: Duplex, status: string, text: string): void {
  const body = `${text}\n`;
  socket.on("error", () => socket.destroy()); // The peer may be gone already; there is nobody left to tell.
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function join(web: WebSocket, broker: Socket, report: Report): void {
  carryToBroker(web, broker);
  carryToPage(web, broker);
  broker.on("error", (error: NodeJS.ErrnoException) => {
    report(`Cannot keep a page connected to the broker: ${error.code ?? error.message}`);
    web.close(tryAgainLater, `the broker cannot be reached: ${error.code ?? "error"}`);
  });
  broker.on("close", () => web.close(goingAway, "the broker closed the connection"));
  web.on("error", (error) => {
    report(`Cannot read from a page: ${error.message}`);
    web.terminate();
  });
  web.on("close", () => {
    // What the page still said goes out first, for as long as a broker that listens would need.
    broker.destroySoon();
    setTimeout(() => broker.destroy(), goodbyeMillis).unref();
  });
}

function carryToBroker(web: WebSocket, broker: Socket): void {
  web.on("message", (bytes: Buffer, isBinary: boolean) => {
    if (!isBinary) web.close(onlyBinary, "MQTT comes in binary frames");
    else if (!broker.write(bytes)) web.pause();
  });
  broker.on("drain", () => web.resume());
}

function carryToPage(web: WebSocket, broker: Socket): void {
  let stalled: NodeJS.Timeout | undefined;
  const sent = (): void => {
    if (!broker.isPaused() || web.bufferedAmount > resumeBytes) return;
    clearTimeout(stalled);
    broker.resume();
  };
  broker.on("data", (bytes) => {
    if (web.readyState !== web.OPEN) return;
    web.send(bytes, sent);
    if (web.bufferedAmount <= maxWaitingBytes || broker.isPaused()) return;
    broker.pause();
    stalled = setTimeout(() => web.terminate(), stallMillis);
  });
  web.on("close", () => clearTimeout(stalled));
}

/** Waits until every page said goodbye, but not for long. */
async function goodbye(pages: ReadonlySet<WebSocket>): Promise<void> {
  const closed = [...pages].map((web) => new Promise<void>((done) => web.once("close", () => done())));
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((done) => {
    timer = setTimeout(done, goodbyeMillis);
  });
  await Promise.race([Promise.all(closed), enough]);
  clearTimeout(timer);
}
