// The device port "socket" on Node, for services in a ServiceShell: real TCP, as services/api/socket says.

import { connect, type Socket } from "node:net";
import type { SocketBytes, SocketOpen } from "services/api/socket";
import type { ServiceShell } from "tests/service-shell";

export class TcpPort {
  /** Set by the test once the shell stands. */
  shell: ServiceShell | undefined;
  #socket: Socket | undefined;
  #connection = -1;

  /** The shell's peer "socket". */
  readonly peer = (type: string, message: never): unknown => {
    const { connection } = message as { connection: number };
    if (type === "open") this.#open(message as SocketOpen);
    else if (connection === this.#connection && type === "write") this.#socket?.write((message as SocketBytes).bytes);
    else if (connection === this.#connection && type === "close") this.#end("closed by its owner");
    return null;
  };

  get isOpen(): boolean {
    return this.#socket?.readyState === "open";
  }

  /** Cuts the connection without a word, as a broken line does. */
  cut(): void {
    this.#socket?.resetAndDestroy();
  }

  /** Nothing of the service is left, and nobody hears of it any more. */
  dispose(): void {
    this.shell = undefined;
    this.#socket?.destroy();
  }

  #open({ connection, host, port }: SocketOpen): void {
    this.#socket?.destroy();
    this.#connection = connection;
    const socket = connect({ host, port, noDelay: true });
    this.#socket = socket;
    const isCurrent = (): boolean => this.#connection === connection;
    socket.on("connect", () => isCurrent() && this.#tell("opened", { connection }));
    socket.on("data", (bytes) => isCurrent() && this.#tell("received", { connection, bytes: new Uint8Array(bytes) }));
    socket.on("error", (error: NodeJS.ErrnoException) => isCurrent() && this.#end(error.code ?? error.message));
    socket.on("close", () => isCurrent() && this.#end("the peer closed the connection"));
  }

  /** Every open ends in exactly one `closed`. */
  #end(reason: string): void {
    const connection = this.#connection;
    this.#connection = -1;
    this.#socket?.destroy();
    this.#tell("closed", { connection, reason });
  }

  #tell(type: string, message: unknown): void {
    void this.shell?.deliver(type, message);
  }
}
