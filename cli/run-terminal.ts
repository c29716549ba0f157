// The standard input of `lugh run`. On a terminal a person is asked for permissions and for answers, one question at a time;
// any other line, from a terminal or a pipe, is a message to the service.

import { createInterface, type Interface } from "node:readline";
import type { Output } from "cli/output";
import type { Person } from "sim/run/answerer";
import { parseAnswer, refusalTexts } from "sim/run/answers";

/** A line that is no answer: `TYPE [JSON]` is sent to the service, `@TOPIC JSON` published. */
export interface TypedMessage {
  readonly kind: "send" | "publish";
  readonly name: string;
  readonly message: unknown;
}

export class RunTerminal implements Person {
  readonly #lines: Interface;
  readonly #output: Output;
  readonly #questions: { readonly text: string; readonly take: (line: string) => void }[] = [];

  constructor(output: Output, take: (message: TypedMessage) => void) {
    this.#output = output;
    this.#lines = createInterface({ input: process.stdin, terminal: false });
    this.#lines.on("line", (line) => {
      const question = this.#questions.shift();
      if (question !== undefined) question.take(line.trim());
      else if (line.trim() !== "") this.#takeMessage(line.trim(), take);
      this.#ask();
    });
    // Nobody is there any more: what was asked is not answered, and a permission is not given.
    this.#lines.on("close", () => {
      for (const { take: answer } of this.#questions.splice(0)) answer("");
    });
  }

  async permit({ service, permission, name }: Parameters<Person["permit"]>[0]): Promise<boolean> {
    const answer = await this.#question(`Allow "${service}" to ${describeWish(permission, name)}? [y/N] `);
    return /^y(es)?$/i.test(answer);
  }

  /** Asks again until the line is an answer; an empty one is none. */
  async answer(channel: string, type: string): ReturnType<Person["answer"]> {
    for (;;) {
      const line = await this.#question(
        `Answer of ${channel} to "${type}" (JSON, or ! and ${refusalTexts.join(", ")}): `,
      );
      if (line === "") return undefined;
      try {
        const place = "the answer";
        return line.startsWith("!")
          ? parseAnswer({ refuse: line.slice(1).trim() }, place)
          : { reply: JSON.parse(line) as unknown };
      } catch (error) {
        this.#output.progress((error as Error).message);
      }
    }
  }

  close(): void {
    this.#lines.close();
  }

  #question(text: string): Promise<string> {
    return new Promise((take) => {
      this.#questions.push({ text, take });
      if (this.#questions.length === 1) this.#ask();
    });
  }

  #ask(): void {
    const [question] = this.#questions;
    if (question !== undefined) process.stderr.write(question.text);
  }

  #takeMessage(line: string, take: (message: TypedMessage) => void): void {
    const [, mark = "", name = "", json = ""] = /^(@?)(\S+)\s*(.*)$/.exec(line) ?? [];
    try {
      const message: unknown = json === "" ? undefined : JSON.parse(json);
      take({ kind: mark === "@" ? "publish" : "send", name, message });
    } catch (error) {
      this.#output.progress(
        `Cannot send "${line}": wanted TYPE and JSON, or @TOPIC and JSON: ${(error as Error).message}`,
      );
    }
  }
}

const wishes: { readonly [permission: string]: string } = {
  call: "call",
  send: "send to",
  publish: "publish on",
  subscribe: "subscribe to",
  store: "store under the prefix",
  device: "use the device",
  net: "connect to",
};

function describeWish(permission: string, name: string): string {
  return `${wishes[permission] ?? permission} "${name}"`;
}
