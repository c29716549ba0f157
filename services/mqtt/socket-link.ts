// The connection at the socket port: opens, writes and closes it, and keeps what the port has no room for.

import type { Context } from "lughos";
import type { SocketBytes, SocketClose, SocketOpen } from "services/api/socket";
import { Outflow } from "services/mqtt/outflow";

/** A port that was full is asked again after so long. */
const retryMillis = 50;

/** Type of the message that asks for another `flush`. */
export const retryType = "flush";

export class SocketLink {
  readonly #outflow = new Outflow();
  #connection: number;
  #isRetryDue = false;

  /** `connection`: the last one that this service opened, perhaps before a fault. */
  constructor(connection: number) {
    this.#connection = connection;
  }

  /** Its name at the port; what comes from another is stale. */
  get connection(): number {
    return this.#connection;
  }

  /** Answers why it could not be opened, or null. */
  open(target: SocketOpen, context: Context): string | null {
    this.#outflow.clear();
    this.#connection = target.connection;
    const answer = context.send("socket", "open", target, { priority: "HIGH" });
    return answer === "sent" ? null : `the socket port answered ${answer}`;
  }

  write(bytes: Uint8Array): void {
    this.#outflow.push(bytes);
  }

  close(context: Context): void {
    this.#outflow.clear();
    const message: SocketClose = { connection: this.#connection };
    context.send("socket", "close", message, { priority: "HIGH" });
  }

  /** Writes what waits, as far as there is room. Answers why the connection cannot go on, or null. */
  flush(context: Context): string | null {
    let answer = "sent";
    this.#outflow.flush((bytes) => {
      const message: SocketBytes = { connection: this.#connection, bytes };
      answer = context.send("socket", "write", message, { priority: "HIGH" });
      return answer === "sent";
    });
    if (this.#outflow.isEmpty) return null;
    if (answer !== "full") return `the socket port answered ${answer}`;
    if (this.#outflow.isOverfull) return "the broker does not read";
    if (!this.#isRetryDue) context.after(retryMillis, retryType);
    this.#isRetryDue = true;
    return null;
  }

  /** The message asked for came. */
  retried(): void {
    this.#isRetryDue = false;
  }
}
