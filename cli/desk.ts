// The way from `lugh dev` into a simulation that runs on this desk: a socket in the file system that only its owner may open.
// It takes code that nobody has signed, so it is no part of the network, and nodes in the field have nothing like it.

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "cli/failure";

export interface DeskOrder {
  /** Whose worker is to have the modules: "toledo/node-1". */
  readonly node: string;
  /** An image of byte-code that lugh-xsc wrote here. */
  readonly image: string;
}

/** An order is two names. */
const orderBytesMaximum = 4_096;
const patienceMillis = 5_000;

export interface Desk {
  readonly path: string;
  close(): void;
}

/** `load` rejects with a sentence when it cannot. */
export function openDesk(load: (order: DeskOrder) => Promise<void>): Promise<Desk> {
  // A folder of its own, which nobody else may enter: the socket exists before its mode can be set.
  const folder = mkdtempSync(join(tmpdir(), "lugh-desk-"));
  const path = join(folder, "socket");
  const server = createServer((socket) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (text.length > orderBytesMaximum) socket.destroy();
      if (!text.endsWith("\n")) return;
      takeOrder(text, load).then(
        () => socket.end("{}\n"),
        (error: Error) => socket.end(`${JSON.stringify({ error: error.message })}\n`),
      );
      text = "";
    });
  });
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      server.unref();
      resolve({
        path,
        close() {
          server.close();
          rmSync(folder, { recursive: true, force: true });
        },
      });
    });
  });
}

async function takeOrder(text: string, load: (order: DeskOrder) => Promise<void>): Promise<void> {
  const { node, image } = JSON.parse(text) as Partial<DeskOrder>;
  if (typeof node !== "string" || typeof image !== "string") throw new Error("wanted a node and an image");
  await load({ node, image });
}

/** Resolves when the simulation has the modules. */
export function orderAtDesk(path: string, order: DeskOrder): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => reject(new Failure("failed", `Cannot load into the simulation: ${reason}`));
    const socket = connect(path);
    let text = "";
    socket.setEncoding("utf8");
    socket.setTimeout(patienceMillis, () => {
      socket.destroy();
      fail(`no answer in ${patienceMillis / 1000} s`);
    });
    socket.on("error", (error) => fail(error.message));
    socket.on("data", (chunk: string) => (text += chunk));
    socket.on("end", () => {
      const { error } = JSON.parse(text === "" ? '{"error":"it has ended"}' : text) as { readonly error?: string };
      if (error === undefined) resolve();
      else fail(error);
    });
    socket.write(`${JSON.stringify(order)}\n`);
  });
}
