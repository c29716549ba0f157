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

/** Keeps every message for a subscriber that is slow: what the witness misses would be held against the nodes. */
const settings = ["allow_anonymous true", "persistence false", "max_queued_messages 0"];

/** Without persistence: what it knew is gone when it is killed. */
export class Mosquitto {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "lugh-mosquitto-"));
  #child: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<Mosquitto> {
    if (!existsSync(brokerPath))
      throw new Error(
        `Cannot start mosquitto: wanted it at ${brokerPath}; install it with: apt-get install mosquitto mosquitto-clients`,
      );
    const mosquitto = new Mosquitto(await findFreePort());
    await mosquitto.restart();
    return mosquitto;
  }

  async restart(): Promise<void> {
    const file = join(this.#folder, "mosquitto.conf");
    writeFileSync(file, `${[`listener ${this.port} 127.0.0.1`, ...settings].join("\n")}\n`);
    this.#child = spawn(brokerPath, ["-c", file], { stdio: "ignore" });
    for (const end = Date.now() + startMillis; !(await isAnswering(this.port)); await sleep(20))
      if (Date.now() > end)
        throw new Error(`Cannot start mosquitto: wanted it on port ${this.port} within ${startMillis} ms`);
  }

  /** As with `kill -9`: no goodbye to anybody. */
  async kill(): Promise<void> {
    if (this.#child !== undefined) await end(this.#child, "SIGKILL");
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }
}

/** One message, by a client that nobody waits for. */
export function publishOnce(port: number, topic: string, payload: Uint8Array): void {
  const args = ["-p", `${port}`, "-q", "1", "-t", topic, "-s"];
  const child = spawn("mosquitto_pub", args, { stdio: ["pipe", "ignore", "ignore"] });
  child.stdin.on("error", () => child.kill());
  child.stdin.end(payload);
}

export interface Witnessed {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly isRetained: boolean;
  /** UTC. */
  readonly atMillis: number;
}

export interface Witness {
  stop(): Promise<void>;
}

/** Hears everything that the filters let pass, from the moment that it resolves; of a broker that was killed, from a second later. */
export async function startWitness(
  port: number,
  filters: readonly string[],
  hear: (witnessed: Witnessed) => void,
): Promise<Witness> {
  const topics = filters.flatMap((filter) => ["-t", filter]);
  const args = ["-oL", "mosquitto_sub", "-p", `${port}`, "-q", "1", "-d", "-F", "%U %r %t %x", ...topics];
  // Into a pipe it would keep the line that tells of the subscription until a message comes: hence stdbuf.
  const child = spawn("stdbuf", args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => {
      if (line.startsWith("Subscribed ")) resolve();
      // Its lines of debugging begin with a word.
      const [, seconds, retained, topic = "", hex = ""] = /^(\d+\.\d+) ([01]) (\S+) ([0-9a-f]*)$/.exec(line) ?? [];
      if (seconds === undefined) return;
      const payload = new Uint8Array(Buffer.from(hex, "hex"));
      hear({ topic, payload, isRetained: retained === "1", atMillis: Number(seconds) * 1000 });
    });
    lines.on("close", () => reject(new Error("mosquitto_sub ended before it had subscribed")));
  });
  return { stop: () => end(child, "SIGTERM") };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export async function isAnswering(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED") return false;
    throw error;
  } finally {
    socket.destroy();
  }
}
