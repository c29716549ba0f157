// Sends commands to nodes and waits for their replies. A reply belongs to a command by its requestId; one that nobody
// waits for is somebody else's (another page, the command line) and is left alone.

import { maxCommands, replyMillis } from "dashboard/page/limits";
import { randomId } from "dashboard/page/link";
import { encodeCommand, type Reply } from "wire/command";
import type { PlainValue } from "wire/plain";
import { buildTopic, parseNodeName } from "wire/topics";

export type Publish = (topic: string, payload: Uint8Array) => Promise<void>;

interface Waiting {
  readonly node: string;
  settle(reply: Reply): void;
}

export class Commands {
  readonly #publish: Publish;
  readonly #waiting = new Map<string, Waiting>();

  constructor(publish: Publish) {
    this.#publish = publish;
  }

  /** Rejects when the command could not be sent or no reply came in time; the node may have done it all the same. */
  async send(node: string, operation: string, argument: PlainValue): Promise<Reply> {
    if (this.#waiting.size >= maxCommands) {
      throw new Error(`Cannot send: wanted fewer than ${maxCommands} commands waiting, found ${this.#waiting.size}`);
    }
    const requestId = randomId();
    const reply = this.#replyTo(requestId, node);
    const payload = encodeCommand({ requestId, operation, argument });
    const [answer] = await Promise.all([reply, this.#publish(buildTopic(parseNodeName(node), "command"), payload)]);
    return answer;
  }

  receive(node: string, reply: Reply): void {
    const waiting = this.#waiting.get(reply.requestId);
    if (waiting?.node === node) waiting.settle(reply);
  }

  #replyTo(requestId: string, node: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(requestId);
        reject(new Error(`no reply within ${replyMillis / 1_000} s`));
      }, replyMillis);
      const settle = (reply: Reply): void => {
        clearTimeout(timer);
        this.#waiting.delete(requestId);
        resolve(reply);
      };
      this.#waiting.set(requestId, { node, settle });
    });
  }
}
