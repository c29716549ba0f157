// A fleet as a person starts it with `lugh sim`, watched from outside and told what to do by `lugh`.

import { type CliResult, runCli } from "tests/cli-run";
import { FleetObserver } from "tests/fleet-observer";
import { type LughProcess, startLugh } from "tests/lugh-process";

export interface LiveFleetOptions {
  readonly nodes?: number;
  /** Each node has told so many readings when the test begins. */
  readonly readings?: number;
  readonly isCommandable?: boolean;
  /** A folder that keeps the nodes' flash. */
  readonly storage?: string;
}

export class LiveFleet {
  readonly observer: FleetObserver;
  /** A URL. */
  readonly broker: string;
  readonly #run: LughProcess;

  private constructor(run: LughProcess, broker: string, observer: FleetObserver) {
    this.#run = run;
    this.broker = broker;
    this.observer = observer;
  }

  /** In a steady world, by default one node that takes commands without a signature. */
  static async start(options: LiveFleetOptions = {}): Promise<LiveFleet> {
    const { nodes = 1, readings = 1, isCommandable = true, storage } = options;
    const commands = [
      ...(isCommandable ? ["--insecure-commands"] : []),
      ...(storage === undefined ? [] : ["--storage", storage]),
    ];
    const names = Array.from({ length: nodes }, (_, index) => `toledo/node-${index + 1}`);
    const run = startLugh(["sim", "--nodes", `${nodes}`, "--world", "steady", "--mqtt", "0", "--json", ...commands]);
    try {
      const [line] = await run.untilOutput(/^\{.*\}\n/);
      const { mqtt } = JSON.parse(line) as { mqtt: string };
      const fleet = new LiveFleet(run, mqtt, await FleetObserver.connect(Number(new URL(mqtt).port)));
      await fleet.observer.until(() => names.every((name) => fleet.observer.readings(name).length >= readings));
      return fleet;
    } catch (error) {
      await run.dispose();
      throw error;
    }
  }

  /** In which `lugh` finds this simulation on the desk. */
  get environment(): { readonly LUGH_RUN_FILE: string } {
    return { LUGH_RUN_FILE: this.#run.runFile };
  }

  /** A command of `lugh`, to this fleet. */
  lugh(...args: readonly string[]): Promise<CliResult> {
    return runCli([...args, "--broker", this.broker], { environment: this.environment });
  }

  async dispose(): Promise<void> {
    await this.observer.close();
    await this.#run.dispose();
  }
}
