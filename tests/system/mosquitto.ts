// mosquitto and its own clients, as Debian packs them: a broker that can be killed, a listener, a sender.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { FleetRecord } from "tests/fleet-record";

/** Without persistence: what it knew is gone when it is killed. */
export class Mosquitto {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "mosquitto-"));
  #child: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<Mosquitto> {
    const mosquitto = new Mosquitto(await findFreePort());
    await mosquitto.restart();
    return mosquitto;
  }

  async restart(): Promise<void> {
    const settings = join(this.#folder, "mosquitto.conf");
    writeFileSync(settings, `listener ${this.port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
    this.#child = spawn("/usr/sbin/mosquitto", ["-c", settings], { stdio: "ignore" });
    for (const endMillis = Date.now() + 5_000; !(await isAnswering(this.port)); await sleep(20))
      if (Date.now() > endMillis) throw new Error(`Cannot start mosquitto: wanted it on port ${this.port} within 5 s`);
  }

  /** As with `kill -9`: no goodbye to anybody. */
  async kill(): Promise<void> {
    if (this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }
}

/** What `mosquitto_sub` prints of a fleet, payloads in hexadecimal. */
export class MosquittoListener extends FleetRecord {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    super();
    this.#child = child;
  }

  /** Answers when the broker has taken the subscription, so that nothing after that is missed. */
  static async start(port: number, filter = "lugh/1/#"): Promise<MosquittoListener> {
    const args = ["-p", `${port}`, "-q", "1", "-t", filter, "-F", "%U %r %t %x", "-d"];
    // Into a pipe it would keep the line that tells of the subscription until a message comes.
    const child = spawn("stdbuf", ["-oL", "mosquitto_sub", ...args], { stdio: ["ignore", "pipe", "inherit"] });
    const listener = new MosquittoListener(child);
    const lines = createInterface({ input: child.stdout });
    const subscribed = new Promise<void>((resolve, reject) => {
      lines.on("line", (line) => (line.startsWith("Subscribed ") ? resolve() : listener.#read(line)));
      lines.on("close", () => reject(new Error("mosquitto_sub ended before it had subscribed")));
    });
    await subscribed;
    return listener;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }

  /** Its lines of debugging begin with a word. */
  #read(line: string): void {
    const [, seconds, retained, topic = "", hex = ""] = /^(\d+\.\d+) ([01]) (\S+) ([0-9a-f]*)$/.exec(line) ?? [];
    if (seconds !== undefined) this.hear(topic, Buffer.from(hex, "hex"), retained === "1", Number(seconds) * 1000);
  }
}

/** `mosquitto_pub` at QoS 1; `more` may make it retained. */
export async function publishWithMosquitto(
  port: number,
  topic: string,
  payload: Uint8Array,
  ...more: string[]
): Promise<void> {
  const isEmpty = payload.length === 0;
  const content = isEmpty ? "-n" : "-s";
  const child = spawn("mosquitto_pub", ["-p", `${port}`, "-q", "1", "-t", topic, content, ...more], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.stdin.end(isEmpty ? undefined : payload);
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`mosquitto_pub ended with ${code}`);
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
