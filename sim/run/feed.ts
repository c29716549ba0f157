// The grid of one node at a desk: its waveform port is told the world ahead of its clock, and its simulated converters read
// the voltage of the moment.

import type { SimWorker } from "sim/worker";
import { type Play, playWorld } from "sim/world/play";
import type { Setpoint, World } from "sim/world/world";

/** How far ahead of its clock the node knows its world. */
const horizonMicros = 12_000_000;
const feedIntervalMillis = 1_000;

export class WorldFeed {
  readonly #worker: SimWorker;
  readonly #node: number;
  readonly #play: Play;
  readonly #utcMicros: () => number;
  #fedMicros: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(worker: SimWorker, node: number, world: World, utcMicros: () => number) {
    this.#worker = worker;
    this.#node = node;
    this.#utcMicros = utcMicros;
    this.#play = playWorld(world, utcMicros());
    this.#fedMicros = utcMicros() - horizonMicros;
  }

  /** Resolves when the node knows the present; goes on by itself. `fail` hears what then goes wrong. */
  async start(fail: (error: Error) => void): Promise<void> {
    await this.#feed();
    this.#timer = setInterval(() => void this.#feed().catch(fail), feedIntervalMillis);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Volts (rms) of a line, 0 to 2, at this moment; undefined where the world does not say. */
  volts(line: number): number | undefined {
    const now = this.#utcMicros();
    const points = this.#play.setpoints(0, now - horizonMicros, now + horizonMicros);
    const after = points.findIndex(({ atMicros }) => atMicros > now);
    const [from, to] = [points[after - 1], points[after]];
    return from?.continues === true && to !== undefined ? between(from, to, now, line) : undefined;
  }

  async #feed(): Promise<void> {
    const from = this.#fedMicros;
    const to = this.#utcMicros() + horizonMicros;
    this.#fedMicros = to;
    const points = this.#play.setpoints(this.#node, from, to);
    if (points.length > 0) await this.#worker.ask({ op: "points", node: this.#node, points: points.map(packPoint) });
    const { playback } = this.#play;
    for (const { atMicros, samples } of playback?.samples(from, to) ?? [])
      await this.#worker.ask({ op: "samples", atMicros, voltsPerCount: playback?.voltsPerCount, samples });
  }
}

function between(from: Setpoint, to: Setpoint, now: number, line: number): number {
  const share = (now - from.atMicros) / (to.atMicros - from.atMicros);
  const [first = 0, second = 0] = [from.volts[line], to.volts[line]];
  return first + share * (second - first);
}

function packPoint({ atMicros, volts, hertz, continues }: Setpoint): unknown {
  return [Math.round(atMicros), volts, hertz, continues];
}
