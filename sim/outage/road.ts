// The road between nodes and their broker, whose connections can be cut one by one and which can be closed for all.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Road {
  readonly #target: number;
  readonly #server: Server;
  readonly #travellers = new Set<Socket>();
  #isClosed = false;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer({ noDelay: true }, (node) => this.#take(node));
  }

  /** To the broker on this port of this machine. */
  static async open(target: number): Promise<Road> {
    const road = new Road(target);
    road.#server.listen(0, "127.0.0.1");
    await once(road.#server, "listening");
    return road;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#travellers.size;
  }

  /** Cuts one connection, without a word to either side. `place` is from 0 to, not including, 1. */
  cut(place: number): boolean {
    const node = [...this.#travellers][Math.floor(place * this.#travellers.size)];
    node?.destroy();
    return node !== undefined;
  }

  /** Nobody gets through until `reopen`. */
  close(): void {
    this.#isClosed = true;
    for (const node of this.#travellers) node.destroy();
  }

  reopen(): void {
    this.#isClosed = false;
  }

  async end(): Promise<void> {
    this.close();
    const ended = once(this.#server, "close");
    this.#server.close();
    await ended;
  }

  #take(node: Socket): void {
    if (this.#isClosed) {
      node.destroy();
      return;
    }
    const broker = connect({ port: this.#target, host: "127.0.0.1", noDelay: true });
    this.#travellers.add(node);
    for (const [socket, other] of [
      [node, broker],
      [broker, node],
    ] as const) {
      socket.on("data", (bytes) => other.write(bytes));
      // Whatever ends one side ends the other.
      socket.on("error", () => socket.destroy());
      socket.on("close", () => other.destroy());
    }
    node.on("close", () => this.#travellers.delete(node));
  }
}
