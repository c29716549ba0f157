// mosquitto and its own subscriber, as Debian packs them: a broker and a witness that share no line of code with what they judge.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const brokerPath = "/usr/sbin/mosquitto";
const startMillis = 5_000;

export interface Witnessed {
  readonly topic: string;
  readonly payload: Uint8Array;
}

export interface Mosquitto {
  readonly port: number;
  stop(): Promise<void>;
}

/** Keeps every message for a subscriber that is slow: what the witness misses would be held against the nodes. */
export async function startMosquitto(): Promise<Mosquitto> {
  if (!existsSync(brokerPath))
    throw new Error(
      `Cannot start mosquitto: wanted it at ${brokerPath}; install it with: apt-get install mosquitto mosquitto-clients`,
    );
  const folder = mkdtempSync(join(tmpdir(), "lugh-mosquitto-"));
  const port = await findFreePort();
  const settings = join(folder, "mosquitto.conf");
  const lines = [`listener ${port} 127.0.0.1`, "allow_anonymous true", "persistence false", "max_queued_messages 0"];
  writeFileSync(settings, `${lines.join("\n")}\n`);
  const child = spawn(brokerPath, ["-c", settings], { stdio: "ignore" });
  for (const end = Date.now() + startMillis; !(await isAnswering(port)); await sleep(20))
    if (Date.now() > end) throw new Error(`Cannot start mosquitto: wanted it on port ${port} within ${startMillis} ms`);
  return {
    port,
    async stop() {
      await end(child);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Hears everything of the site's nodes from the moment that it resolves. */
export async function startWitness(
  port: number,
  filters: readonly string[],
  hear: (witnessed: Witnessed) => void,
): Promise<{ stop(): Promise<void> }> {
  const topics = filters.flatMap((filter) => ["-t", filter]);
  const args = ["-oL", "mosquitto_sub", "-p", `${port}`, "-q", "1", "-d", "-F", "%t %x", ...topics];
  const child = spawn("stdbuf", args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => {
      if (line.startsWith("Subscribed ")) resolve();
      const [, topic = "", hex = ""] = /^(lugh\/\S+) ([0-9a-f]*)$/.exec(line) ?? [];
      if (topic !== "") hear({ topic, payload: new Uint8Array(Buffer.from(hex, "hex")) });
    });
    lines.on("close", () => reject(new Error("mosquitto_sub ended before it had subscribed")));
  });
  return { stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill();
  await ended;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function isAnswering(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const answer = await Promise.race([
    once(socket, "connect").then(() => true),
    once(socket, "error").then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return answer;
}
