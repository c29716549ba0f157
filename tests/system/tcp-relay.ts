// The road between nodes and their broker, where a test counts who comes and closes the way or throws dirt on it.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class TcpRelay {
  /** When connections came, in milliseconds; also those that were hung up on. */
  readonly arrivals: number[] = [];
  isHangingUp = false;
  readonly #target: number;
  readonly #callers = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  private constructor(target: number) {
    this.#target = target;
  }

  static async open(target: number): Promise<TcpRelay> {
    const relay = new TcpRelay(target);
    await relay.listen();
    return relay;
  }

  get port(): number {
    return this.#port;
  }

  /** At the same port as before. */
  async listen(): Promise<void> {
    this.#server = createServer({ noDelay: true }, (caller) => this.#take(caller)).listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** From now on connections are refused, and those that stand are cut. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, "close");
    server.close();
    for (const caller of this.#callers) caller.destroy();
    await closed;
  }

  /** Sends bytes to every caller as if the broker had. */
  sendToCallers(bytes: Uint8Array): void {
    for (const caller of this.#callers) caller.write(bytes);
  }

  #take(caller: Socket): void {
    this.arrivals.push(Date.now());
    if (this.isHangingUp) return void caller.destroy();
    const broker = connect({ port: this.#target, host: "127.0.0.1", noDelay: true });
    this.#callers.add(caller);
    for (const [socket, other] of [
      [caller, broker],
      [broker, caller],
    ] as const) {
      socket.on("data", (bytes) => other.write(bytes));
      // Whatever ends one side ends the other; the reason is the test's own doing.
      socket.on("error", () => socket.destroy());
      socket.on("close", () => other.destroy());
    }
    caller.on("close", () => this.#callers.delete(caller));
  }
}
