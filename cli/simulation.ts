// Broker, fleet and dashboard of one simulation: started in the order in which they need each other, stopped in the other.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Births, watchBirths } from "cli/births";
import { type BrokerAddress, formatBroker } from "cli/broker-address";
import { connectBroker } from "cli/broker-link";
import { openDesk } from "cli/desk";
import { Failure } from "cli/failure";
import { untilInterrupted } from "cli/interrupt";
import type { Output } from "cli/output";
import { findProject } from "cli/project";
import { announceInstance, withdrawInstance } from "cli/run-file";
import { type Dashboard, startDashboard } from "dashboard/server";
import { startBroker } from "sim/broker";
import { type Fleet, startFleet } from "sim/fleet";
import { openWorld } from "sim/world/open";

export interface SimulationOptions {
  readonly site: string;
  readonly nodes: number;
  readonly world: string;
  readonly at: string | undefined;
  readonly channels?: string | undefined;
  /** Without a host: a broker of its own on this port. */
  readonly broker: BrokerAddress | { readonly port: number };
  /** null: no dashboard. */
  readonly httpPort: number | null;
  readonly insecureCommands: boolean;
  /** Folder in which the nodes' flash outlives the simulation. */
  readonly storage?: string | undefined;
}

/** Ctrl-C promises three seconds: what has not stopped by then ends with the process. */
const stopMillis = 2_500;

/** A node announces itself within a second or two; a fleet whose broker is slow is not waited for longer. */
const birthPatienceMillis = 15_000;

/** Runs until Ctrl-C, or until the fleet lost nodes for good, which is an error. Writes one line to standard output, when all is up. */
export async function runSimulation(options: SimulationOptions, output: Output): Promise<void> {
  const interrupted = untilInterrupted();
  const simulation = new Simulation(options, output);
  const starting = simulation.start();
  try {
    await Promise.race([starting.then(() => interrupted), interrupted, simulation.broken]);
  } finally {
    setTimeout(() => process.exit(1), stopMillis).unref();
    await simulation.stop(starting);
  }
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #output: Output;
  readonly #names: readonly string[];
  /** What was started, each with how to stop it. */
  readonly #stops: (() => Promise<unknown>)[] = [];
  #isStopping = false;
  #break: (error: Failure) => void = () => undefined;
  /** Rejects when the fleet can no longer be what was asked for. */
  readonly broken = new Promise<never>((_, reject) => {
    this.#break = reject;
  });

  constructor(options: SimulationOptions, output: Output) {
    this.#options = options;
    this.#output = output;
    this.#names = Array.from({ length: options.nodes }, (_, index) => `${options.site}/node-${index + 1}`);
  }

  async start(): Promise<void> {
    const { site, nodes, insecureCommands, at, channels } = this.#options;
    const world = openWorld(this.#options.world, { at, channels });
    for (const remark of world.remarks ?? []) this.#report(`${world.name}: ${remark}`);
    const broker = await this.#openBroker();
    const births = await this.#watchBirths(broker);
    const dashboard = await this.#openDashboard(broker, births);
    if (insecureCommands)
      this.#report(
        "INSECURE: who reaches the broker can fault services of these nodes, for commands are not signed yet; " +
          "and lugh dev on this desk can give them code that nobody has signed.",
      );
    const fleet = await startFleet({
      site,
      nodes,
      world,
      broker,
      insecureCommands,
      storage: this.#options.storage ?? null,
      log: (line) => this.#report(line),
      fail: (reason) => this.#break(new Failure("failed", reason)),
    });
    this.#stops.push(() => fleet.stop());
    const desk = insecureCommands ? await this.#openDesk(fleet) : null;
    await this.#waitForBirths(births);
    announceInstance({
      pid: process.pid,
      mqttHost: broker.host,
      mqttPort: broker.port,
      httpPort: dashboard?.port ?? null,
      desk,
    });
    this.#stops.push(async () => withdrawInstance());
    if (!this.#isStopping) this.#tellAddress(broker, dashboard);
  }

  /** Stops what was started, even what an interrupted start has yet to finish. Errors of the start are its caller's. */
  async stop(starting: Promise<void>): Promise<void> {
    this.#isStopping = true;
    await starting.catch(() => undefined);
    for (const stop of this.#stops.reverse()) await stop();
  }

  async #openBroker(): Promise<BrokerAddress> {
    const { broker } = this.#options;
    if ("host" in broker) return broker;
    const own = await startBroker({ port: broker.port, report: (line) => this.#report(line) });
    this.#stops.push(() => own.close());
    return own;
  }

  async #watchBirths(broker: BrokerAddress): Promise<Births> {
    const link = await connectBroker(broker);
    this.#stops.push(() => link.close());
    link.lost.catch(() =>
      this.#report("The broker is gone. The nodes keep what they measure, and come back to it by themselves."),
    );
    return watchBirths(link, this.#options.site, this.#names);
  }

  async #openDashboard(broker: BrokerAddress, births: Births): Promise<Dashboard | null> {
    const { httpPort, insecureCommands } = this.#options;
    if (httpPort === null) return null;
    const { root, version } = findProject();
    const dashboard = await startDashboard({
      port: httpPort,
      broker,
      pageFolder: join(root, "build/page"),
      settings: {
        insecureCommands,
        startedMillis: Date.now(),
        versions: { lughos: version, node: process.version },
        nodes: this.#names,
      },
      ready: () => ({ expected: this.#names.length, born: births.count }),
      report: (line) => this.#report(line),
    });
    this.#stops.push(() => dashboard.close());
    return dashboard;
  }

  /** Where `lugh dev` brings what it compiled. */
  async #openDesk(fleet: Fleet): Promise<string> {
    const desk = await openDesk(({ node, image }) => fleet.load(node, image));
    this.#stops.push(async () => desk.close());
    return desk.path;
  }

  async #waitForBirths(births: Births): Promise<void> {
    const end = Date.now() + birthPatienceMillis;
    while (births.count < this.#names.length && Date.now() < end && !this.#isStopping) await sleep(20);
    const missing = this.#names.length - births.count;
    if (missing > 0) this.#report(`${missing} of ${this.#names.length} nodes have not announced themselves yet`);
  }

  #tellAddress(broker: BrokerAddress, dashboard: Dashboard | null): void {
    const { site, insecureCommands } = this.#options;
    const mqtt = formatBroker(broker);
    if (this.#output.isJson)
      this.#output.json({ mqtt, http: dashboard?.url ?? null, nodes: this.#names, insecureCommands });
    else {
      const places = dashboard === null ? mqtt : `${dashboard.url}  ${mqtt}`;
      this.#output.line(`LughOS is up, ${this.#names.length} nodes of ${site}: ${places}  (Ctrl-C stops it)`);
    }
  }

  /** While all is being stopped, what falls is meant to fall. */
  #report(line: string): void {
    if (!this.#isStopping) this.#output.progress(line);
  }
}
