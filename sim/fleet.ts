// A live fleet: many nodes in worker processes, fed with the set points of a world or its samples, each with its own connection
// to the broker.
//
// The nodes' clocks are the desk's: a record is replayed now. Where it stands is told beside each reading.

import { lookup } from "node:dns/promises";
import { existsSync, mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { findArtifacts } from "sim/project";
import { type SimWorker, startWorker, type WorkerEvent } from "sim/worker";
import { type Play, playWorld } from "sim/world/play";
import type { Setpoint, World } from "sim/world/world";

export interface FleetOptions {
  readonly site: string;
  readonly nodes: number;
  readonly world: World;
  readonly broker: { readonly host: string; readonly port: number };
  /** Gives the nodes the port through which a command can make faults. */
  readonly insecureCommands: boolean;
  /** Folder in which each node's flash is a file that outlives the fleet; null: it is gone with the fleet. */
  readonly storage?: string | null;
  /** What the nodes' hosts have to say, a line each. */
  log(line: string): void;
  /** A worker process ended by itself, and its nodes with it. */
  fail(reason: string): void;
}

export interface Fleet {
  readonly names: readonly string[];
  /** The power of a node fails now; what its flash has not made durable is lost. It comes back so much later. */
  cutPower(name: string, millis: number): Promise<void>;
  /** Breaks a service of a node: throw, spin, memory, stack or kill. Rejects when it cannot, being broken already. */
  fault(name: string, service: string, kind: string): Promise<void>;
  /** Gives the worker of a node the modules of an image that nobody has signed: for who writes services on this desk. */
  load(name: string, image: string): Promise<void>;
  stop(): Promise<void>;
}

/** A node takes some 6 ms of a core each second: so many leave a worker's core room for its neighbours'. */
const nodesEachWorker = 100;
/** A worker that takes so long to answer cannot carry its nodes: they gap, and their brokers think them gone. */
const overloadMillis = 2_000;
/** Enough that one of them is not held up on its way. */
const clockReadings = 5;
/** How far ahead of its clock a node knows its world; the waveform holds a minute of a record. */
const horizonMicros = 12_000_000;
const feedIntervalMillis = 1_000;
/** A node whose kernel gave up comes back as its watchdog would bring it. */
const watchdogMillis = 1_000;
/** Whoever ordered the cut hears of it before it comes. */
const answerMillis = 200;
/** The desk's clock is as good as NTP makes it. */
const clockQualityMicros = 10_000;

interface FleetWorker extends SimWorker {
  /** UTC when its clock was 0, in microseconds. */
  originMicros: number;
  isOverloaded: boolean;
}

interface SimNode {
  readonly index: number;
  readonly name: string;
  readonly worker: FleetWorker;
  /** Up to when it has set points, in microseconds of UTC. */
  fedMicros: number;
  hasPower: boolean;
}

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const fleet = new LiveFleet(options);
  try {
    await fleet.start();
  } catch (error) {
    await fleet.stop();
    throw error;
  }
  return {
    names: fleet.names,
    cutPower: (name, millis) => fleet.cutPower(name, millis),
    fault: (name, service, kind) => fleet.fault(name, service, kind),
    load: (name, image) => fleet.load(name, image),
    stop: () => fleet.stop(),
  };
}

class LiveFleet {
  readonly names: readonly string[];
  readonly #options: FleetOptions;
  readonly #workers: FleetWorker[] = [];
  readonly #nodes: SimNode[] = [];
  readonly #restarts = new Set<NodeJS.Timeout>();
  #feeder: NodeJS.Timeout | undefined;
  /** Up to when the workers have the samples of a playback, in microseconds of UTC. */
  #playedMicros = 0;
  readonly #play: Play;
  /** UTC when performance.now() was 0: later steps of the desk's clock must not tear the waveform. */
  readonly #originMicros = Date.now() * 1000 - nowMicros();
  #brokerHost = "";
  #isStopping = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#play = playWorld(options.world, this.#utcMicros());
    this.names = Array.from({ length: options.nodes }, (_, index) => `${options.site}/node-${index + 1}`);
  }

  async start(): Promise<void> {
    const { broker, nodes } = this.#options;
    this.#brokerHost = (await lookup(broker.host, { family: 4 })).address;
    const workerCount = Math.min(availableParallelism(), Math.ceil(nodes / nodesEachWorker));
    for (let index = 0; index < workerCount; index++) this.#workers.push(this.#startWorker(index));
    for (let index = 0; index < nodes; index++) {
      const worker = this.#workers[index % workerCount] as FleetWorker;
      this.#nodes.push({
        index,
        name: this.names[index] as string,
        worker,
        fedMicros: 0,
        hasPower: false,
      });
    }
    await Promise.all(this.#workers.map((worker) => this.#readClock(worker)));
    await this.#feedPlayback();
    await Promise.all(this.#nodes.map((node) => this.#boot(node)));
    this.#feeder = setInterval(() => this.#feedAll(), feedIntervalMillis);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#feeder);
    for (const restart of this.#restarts) clearTimeout(restart);
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }

  #fileOf({ name }: SimNode): { readonly file?: string } {
    const { storage } = this.#options;
    if (storage === undefined || storage === null) return {};
    const file = resolve(storage, `${name}.flash`);
    for (const folder of [resolve(storage), dirname(file)]) makeFolder(folder);
    return { file };
  }

  cutPower(name: string, millis: number): Promise<void> {
    return this.#cutPower(this.#find(name), millis);
  }

  async fault(name: string, service: string, kind: string): Promise<void> {
    const { worker, index } = this.#find(name);
    await worker.ask({ op: "fault", node: index, service, kind });
  }

  #startWorker(index: number): FleetWorker {
    const worker = startWorker({
      ...findArtifacts(),
      onEvent: (event) => this.#hear(event),
      onDeath: (reason) =>
        this.#options.fail(`Worker ${index + 1} of the simulator ended, its nodes with it: ${reason}`),
    });
    return { ...worker, originMicros: 0, isOverloaded: false };
  }

  /** Before it has anything else to do. The error is at most half of the quickest answer's way. */
  async #readClock(worker: FleetWorker): Promise<void> {
    let quickestMicros = Infinity;
    for (let count = 0; count < clockReadings; count++) {
      const asked = this.#utcMicros();
      const { micros } = await worker.ask({ op: "now" });
      const wayMicros = this.#utcMicros() - asked;
      if (wayMicros >= quickestMicros) continue;
      quickestMicros = wayMicros;
      worker.originMicros = Math.round(asked + wayMicros / 2 - Number(micros));
    }
  }

  /** Comes up in safe mode when it is told so, or when its boot record has counted too many ends of its kernel. */
  async #boot(node: SimNode, again: { readonly isSafe?: boolean; readonly safeReason?: string } = {}): Promise<void> {
    const { site, world, broker, insecureCommands } = this.#options;
    await node.worker.ask({
      op: "boot",
      node: node.index,
      name: node.name,
      waveform: true,
      flash: { seed: node.index + 1, ...this.#fileOf(node) },
      playback: this.#play.playback !== null,
      insecure: insecureCommands,
      declaredVolts: world.declaredVolts,
      phaseTurns: (node.index * 0.618_033_988_75) % 1,
      noiseRatio: 0.0002,
      seed: node.index + 1,
      utcMicros: node.worker.originMicros,
      utcQualityMicros: clockQualityMicros,
      configuration: {
        ...again,
        configuration: {
          site,
          node: node.name.slice(site.length + 1),
          model: "simulated",
          firmware: "0.1.0",
          engine: "XS 13.3",
          brokerHost: this.#brokerHost,
          brokerPort: broker.port,
          declaredVolts: world.declaredVolts,
          insecureCommands,
          world: this.#play.clock === null ? null : { ...this.#play.clock },
        },
      },
    });
    node.fedMicros = 0;
    node.hasPower = true;
    await this.#feed(node);
  }

  #utcMicros(): number {
    return this.#originMicros + nowMicros();
  }

  /** Set points from where the node's knowledge ends; one that has just booted needs the one before its clock too. */
  async #feed(node: SimNode): Promise<void> {
    const now = this.#utcMicros();
    const from = node.fedMicros === 0 ? now - horizonMicros : node.fedMicros;
    const to = now + horizonMicros;
    const points = this.#play.setpoints(node.index, from, to);
    node.fedMicros = to;
    if (points.length > 0) await node.worker.ask({ op: "points", node: node.index, points: points.map(packPoint) });
  }

  /** All nodes of a worker hear the same samples. */
  async #feedPlayback(): Promise<void> {
    const { playback } = this.#play;
    if (playback === null) return;
    const now = this.#utcMicros();
    // What a desk that slept did not play is over.
    const from = Math.max(this.#playedMicros, now);
    this.#playedMicros = now + horizonMicros;
    const commands = playback
      .samples(from, this.#playedMicros)
      .map((chunk) => ({ op: "samples", voltsPerCount: playback.voltsPerCount, ...chunk }));
    // All are written before any is answered: another second's samples must not come between them.
    await Promise.all(this.#workers.flatMap((worker) => commands.map((command) => worker.ask(command))));
  }

  /** Told once: whoever starts more nodes than the machine carries wonders why they come and go. */
  async #watchLoad(worker: FleetWorker, index: number): Promise<void> {
    const asked = nowMicros();
    await worker.ask({ op: "now" });
    const lateMillis = Math.round((nowMicros() - asked) / 1_000);
    if (lateMillis < overloadMillis || worker.isOverloaded) return;
    worker.isOverloaded = true;
    this.#options.log(
      `Worker ${index + 1} of the simulator falls behind: wanted an answer within ${overloadMillis} ms, found ` +
        `${lateMillis} ms; its nodes have gaps and lose their broker; start fewer of them`,
    );
  }

  #feedAll(): void {
    this.#workers.forEach((worker, index) => {
      this.#watchLoad(worker, index).catch((error: Error) => this.#isStopping || this.#options.log(error.message));
    });
    this.#feedPlayback().catch((error: Error) => this.#isStopping || this.#options.log(error.message));
    for (const node of this.#nodes.filter(({ hasPower }) => hasPower))
      this.#feed(node).catch((error: Error) => this.#isStopping || this.#options.log(`${node.name}: ${error.message}`));
  }

  #hear(event: WorkerEvent): void {
    const node = this.#nodes[event.node];
    if (node === undefined) return;
    if (event.event === "log") this.#options.log(`${node.name}: ${event.text}`);
    if (event.event === "power")
      this.#later(answerMillis, node, () => this.#cutPower(node, (event.seconds ?? 0) * 1000));
    if (event.event === "panic") this.#restart(node, event.reason ?? "", event.isSafe ?? null);
  }

  /** `wish`: how it was told to come back, in safe mode or not; null: it could not go on. */
  #restart(node: SimNode, reason: string, wish: boolean | null): void {
    this.#options.log(`${node.name}: ${reason}; it comes back${wish === true ? " in safe mode" : ""}`);
    node.hasPower = false;
    this.#later(watchdogMillis, node, () =>
      this.#boot(node, { isSafe: wish === true, safeReason: reason }).catch((error: Error) => {
        if (!this.#isStopping) this.#restart(node, error.message, null);
      }),
    );
  }

  async #cutPower(node: SimNode, millis: number): Promise<void> {
    if (!node.hasPower) return;
    node.hasPower = false;
    await node.worker.ask({ op: "cut", node: node.index });
    this.#later(millis, node, () => this.#boot(node));
  }

  #later(millis: number, node: SimNode, act: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#restarts.delete(timer);
      act().catch((error: Error) => this.#isStopping || this.#options.log(`${node.name}: ${error.message}`));
    }, millis);
    this.#restarts.add(timer);
  }

  async load(name: string, image: string): Promise<void> {
    await this.#find(name).worker.ask({ op: "load", path: image });
  }

  #find(name: string): SimNode {
    const node = this.#nodes.find((each) => each.name === name);
    if (node === undefined) throw new Error(`Cannot find ${name}: the fleet has no such node`);
    return node;
  }
}

function packPoint({ atMicros, volts, hertz, continues }: Setpoint): unknown {
  return [Math.round(atMicros), volts, hertz, continues];
}

function nowMicros(): number {
  return performance.now() * 1000;
}

/** Its parent must be there: with `recursive`, Node asks for ever where one cannot be made (/proc). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  try {
    mkdirSync(folder);
  } catch (error) {
    throw new Error(`Cannot keep flash in ${folder}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
