// How long the flash of a node lasts, by what is really erased: the firmware's own services on the engine, on a log of 64 KB, in virtual
// time, with a reading each second, some events, and a broker that is away now and then.

import { system } from "firmware/system";
import { layOutFlash } from "services/api/flash-layout";
import type { GridEvent, Reading } from "services/api/reading";
import { LifetimeBroker } from "sim/bench/lifetime-broker";
import { findArtifacts } from "sim/project";
import { VirtualClock } from "sim/run/virtual-clock";
import { type SimWorker, startWorker, type WorkerEvent } from "sim/worker";
import { decode } from "wire/cbor";
import { decodeState, type NodeState } from "wire/state";
import { decodeTelemetry } from "wire/telemetry";

const site = "bench";
const node = "lifetime";
/** Of a chip of its own: two sectors of boot record, no extents, and 64 KB of log. */
const flash = { pageBytes: 16, sectorBytes: 4_096, sectors: 18 };
/** services/command/lifetime has the same from data sheets. */
const endurance = 100_000;
const hourSeconds = 3_600;
const daySeconds = 86_400;
const yearSeconds = 31_557_600;
/** A dip of half a second, so often. */
const dipSeconds = 6 * hourSeconds;

/** When the broker is away: seconds of each day, from and to. */
export const outages: { readonly [name: string]: readonly (readonly [from: number, to: number])[] } = {
  none: [],
  /** Ten routers that begin anew, and ten minutes of a provider. */
  usual: [...times(10, 20), [40_000, 40_600]],
  /** An hour, every day. */
  bad: [...times(10, 20), [40_000, 43_600]],
};

export interface LifetimeFigures {
  readonly outages: string;
  readonly hours: number;
  readonly logBytes: number;
  /** Of readings: taken by the broker, of them late; and given up. */
  readonly readings: number;
  readonly historical: number;
  readonly dropped: number;
  /** As the node tells it; null: it has written too little to say. */
  readonly flashLifetimeYears: number | null;
  /** Of the sector that was erased most often, by the chip's own count. */
  readonly worstSectorYears: number;
  readonly erases: number;
  readonly programmedBytes: number;
}

export async function benchLifetime(
  hours: number,
  profiles: readonly string[],
  report: (line: string) => void,
): Promise<{ readonly results: readonly LifetimeFigures[] }> {
  const results: LifetimeFigures[] = [];
  for (const profile of profiles) {
    const life = await Life.begin();
    try {
      results.push(await life.live(profile, hours, report));
    } finally {
      await life.end();
    }
  }
  return { results };
}

/** So many outages of so many seconds, evenly over the day. */
function times(count: number, seconds: number): (readonly [number, number])[] {
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor(((index + 0.5) * daySeconds) / count);
    return [from, from + seconds] as const;
  });
}

class Life {
  readonly #worker: SimWorker;
  readonly #clock: VirtualClock;
  readonly #broker: LifetimeBroker;
  readonly #heard: WorkerEvent[] = [];
  readonly #beginMicros = 1_767_225_600_000_000;
  #readings = 0;
  #historical = 0;
  #state: NodeState | undefined;

  private constructor() {
    this.#worker = startWorker({ ...findArtifacts(), isVirtual: true, onEvent: (event) => this.#hear(event) });
    this.#clock = new VirtualClock(this.#worker);
    this.#broker = new LifetimeBroker(
      (type, body) => this.#send("mqtt", type, body),
      (kind, payload) => this.#take(kind, payload),
    );
  }

  static async begin(): Promise<Life> {
    const life = new Life();
    await life.#boot();
    return life;
  }

  end(): Promise<void> {
    return this.#worker.stop();
  }

  async live(profile: string, hours: number, report: (line: string) => void): Promise<LifetimeFigures> {
    const away = outages[profile] ?? [];
    for (let second = 1; second <= hours * hourSeconds; second++) {
      const day = second % daySeconds;
      for (const [from, to] of away) if (day === from || day === to) await this.#broker.setAway(day === from);
      await this.#send("reporter", "reading", this.#reading(second));
      if (second % dipSeconds === dipSeconds / 2) await this.#dip(second);
      await this.#advance(1_000_000);
      if (second % hourSeconds === 0)
        report(`${profile}: ${second / hourSeconds} of ${hours} h, ${this.#readings} readings`);
    }
    return this.#figures(profile, hours);
  }

  async #boot(): Promise<void> {
    const services = system.services.filter(({ name }) => name !== "sensor");
    await this.#worker.ask({
      op: "boot",
      node: 0,
      name: "bench/lifetime",
      isOffline: true,
      standIns: ["socket"],
      flash,
      messages: 512,
      utcMicros: this.#beginMicros,
      utcQualityMicros: 1_000,
      configuration: {
        table: { ...system, services },
        configuration: {
          site,
          node,
          model: "simulated",
          firmware: "0.1.0",
          engine: "XS 13.3",
          brokerHost: "broker",
          brokerPort: 1883,
          declaredVolts: 230,
          insecureCommands: false,
          world: null,
        },
      },
    });
  }

  #send(service: string, type: string, body: object): Promise<unknown> {
    return this.#worker.ask({ op: "send", node: 0, service, type, body, priority: 0 });
  }

  #hear(event: WorkerEvent): void {
    if (event.event === "panic") throw new Error(event.reason);
    if (event.event !== "message") return;
    this.#heard.push(event);
    this.#clock.noteMessage();
  }

  #take(kind: string, payload: Uint8Array): void {
    if (kind === "state") this.#state = decodeState(payload);
    if (kind !== "telemetry") return;
    this.#readings += 1;
    if (decodeTelemetry({ site, node }, payload).historical) this.#historical += 1;
  }

  async #advance(micros: number): Promise<void> {
    await this.#clock.advance(this.#clock.micros + micros, async () => {
      const isBusy = this.#heard.length > 0;
      for (let event = this.#heard.shift(); event !== undefined; event = this.#heard.shift())
        await this.#broker.hear(event.type ?? "", decode(event.body ?? new Uint8Array(0)));
      return isBusy ? this.#clock.micros : Number.POSITIVE_INFINITY;
    });
  }

  /** Of a grid that is never quite the same, to as many digits as the sensor has. */
  #reading(second: number): Reading {
    const volts = (line: number): number => 230 + 3 * Math.sin(second / 600 + line) + noise(second, line) / 97;
    const f = 50 + 0.02 * Math.sin(second / 90) + noise(second, 4) / 9_700;
    const timeMicros = this.#beginMicros + second * 1_000_000;
    return {
      timeMicros,
      timeQualityMicros: 1_000,
      sequence: second,
      u1: volts(1),
      u2: volts(2),
      u3: volts(3),
      f,
      flagged: false,
    };
  }

  async #dip(second: number): Promise<void> {
    const startMicros = this.#beginMicros + second * 1_000_000;
    const dip: GridEvent = {
      kind: "dip",
      phase: "begin",
      id: second,
      lines: [1],
      startMicros,
      timeQualityMicros: 1_000,
      durationMicros: null,
      extreme: 180.5,
      unit: "V",
    };
    await this.#send("reporter", "event", dip);
    await this.#send("reporter", "event", { ...dip, phase: "end", durationMicros: 500_000 });
  }

  async #figures(profile: string, hours: number): Promise<LifetimeFigures> {
    const { sectors, firstSector } = layOutFlash(flash).log;
    const { erasesBySector, programmedBytes } = await this.#worker.ask({ op: "flash", node: 0 });
    const log = (erasesBySector as readonly number[]).slice(firstSector, firstSector + sectors);
    const years = (hours * hourSeconds) / yearSeconds;
    return {
      outages: profile,
      hours,
      logBytes: sectors * flash.sectorBytes,
      readings: this.#readings,
      historical: this.#historical,
      dropped: this.#state?.outbox.dropped ?? 0,
      flashLifetimeYears: round(this.#state?.storage?.flashLifetimeYears ?? null),
      worstSectorYears: round((endurance * years) / Math.max(...log, 1)) as number,
      erases: log.reduce((sum, each) => sum + each, 0),
      programmedBytes: Number(programmedBytes),
    };
  }
}

/** The same for a second and a line, and as good as chance: -20 to 20. */
function noise(second: number, line: number): number {
  return ((Math.imul(second * 8 + line, 0x9e3779b1) >>> 16) % 41) - 20;
}

function round(years: number | null): number | null {
  return years === null ? null : Math.round(years * 10) / 10;
}
