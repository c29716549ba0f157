// The embedded broker of a simulation: aedes on loopback, MQTT 3.1.1 over TCP, in memory only.
// Nothing depends on it being this one: nodes and pages reach it through its port, as they would any other broker.

import type { AddressInfo, Socket } from "node:net";
import { createServer, type Server } from "node:net";
import { Aedes, type Client } from "aedes";

export interface BrokerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Takes lines for the log: trouble with clients, each kind once. */
  report?(line: string): void;
}

export interface Broker {
  readonly host: string;
  readonly port: number;
  /** Cuts every connection; resolves when the port is free. */
  close(): Promise<void>;
}

const loopback = "127.0.0.1";

/** Who connects and then says nothing is no client: ours send CONNECT in their first segment. */
const connectTimeoutMillis = 10_000;

/** A subscriber that takes nothing for so long is cut. aedes waits for it before it serves the others on. */
const drainTimeoutMillis = 5_000;

export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const aedes = await Aedes.createBroker({ connectTimeout: connectTimeoutMillis, drainTimeout: drainTimeoutMillis });
  reportTrouble(aedes, options.report ?? (() => undefined));
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    aedes.handle(socket);
  });
  try {
    await listen(server, options.port);
  } catch (error) {
    await closeAedes(aedes);
    throw error;
  }
  return {
    host: loopback,
    port: (server.address() as AddressInfo).port,
    async close() {
      const isClosed = new Promise<void>((done) => server.close(() => done()));
      await closeAedes(aedes);
      for (const socket of sockets) socket.destroy();
      await isClosed;
    },
  };
}

/** aedes cuts a client that breaks the standard; what is left to us is to say so, once for each kind of reason. */
function reportTrouble(aedes: Aedes, report: (line: string) => void): void {
  const reported = new Set<string>();
  const tell = (client: Client | null, error: Error): void => {
    if (reported.has(error.message) || reported.size >= 100) return;
    reported.add(error.message);
    report(`broker: cut ${client?.id ?? "a client without a name"}: ${error.message} (told once)`);
  };
  aedes.on("clientError", tell);
  aedes.on("connectionError", tell);
  (aedes as NodeJS.EventEmitter).on("error", (error: Error) => tell(null, error));
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE";
      const found = isTaken ? "it taken" : (error.code ?? error.message);
      const cure = `choose another with LUGH_MQTT_PORT=${port + 1}`;
      reject(
        new Error(`Cannot listen on ${loopback}:${port}: wanted a free port, found ${found}; ${cure}`, {
          cause: error,
        }),
      );
    });
    server.listen(port, loopback, resolve);
  });
}

function closeAedes(aedes: Aedes): Promise<void> {
  return new Promise((done) => aedes.close(done));
}
