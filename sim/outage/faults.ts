// What befalls a fleet, drawn from one seed: nodes lose their power, connections break, the road closes for all, the broker is killed,
// services fall.

import { setTimeout as sleep } from "node:timers/promises";
import type { Fleet } from "sim/fleet";
import type { BrokerCrash, PowerCut } from "sim/outage/judge";
import type { Mosquitto } from "sim/outage/mosquitto";
import type { Road } from "sim/outage/road";
import { createRandom } from "sim/random";

export interface FaultCounts {
  powerCuts: number;
  linkCuts: number;
  /** Times that no node reached the broker. */
  outages: number;
  /** Times that the broker was killed, and forgot what it had acknowledged. */
  brokerCrashes: number;
  serviceFaults: number;
}

const services = ["mqtt", "reporter", "storage", "sensor", "command", "scheduler"];
const kinds = ["kill", "throw", "spin", "memory", "stack"];

/** Long enough that readings move to storage, short enough that many fit into a campaign. */
const outageLongestMillis = 20_000;
/** Nodes connect again within a second, the witness too: some of them are the first. */
const crashLongestMillis = 1_500;
/** A node without power for longer only measures less. */
const powerLongestMillis = 4_000;
/** Between two faults, at most; a fleet of a few nodes is then hardly ever whole. */
const pauseLongestMillis = 1_200;

type Random = () => number;

export class Faults {
  readonly counts: FaultCounts = { powerCuts: 0, linkCuts: 0, outages: 0, brokerCrashes: 0, serviceFaults: 0 };
  readonly crashes: BrokerCrash[] = [];
  readonly #fleet: Fleet;
  readonly #road: Road;
  readonly #mosquitto: Mosquitto;
  readonly #ringLosses = new Map<string, number[]>();
  readonly #random: Random;
  readonly #cuts = new Map<string, PowerCut[]>();
  #openMillis = 0;

  constructor(fleet: Fleet, road: Road, mosquitto: Mosquitto, seed: number) {
    this.#fleet = fleet;
    this.#road = road;
    this.#mosquitto = mosquitto;
    this.#random = createRandom(seed);
  }

  cutsOf(name: string): readonly PowerCut[] {
    return this.#cuts.get(name) ?? [];
  }

  /** When the node lost its ring of what it had sent: its power, or its mqtt service, failed. */
  ringLossesOf(name: string): readonly number[] {
    return this.#ringLosses.get(name) ?? [];
  }

  /** How long until the next. */
  pauseMillis(): number {
    return this.#random() * pauseLongestMillis;
  }

  /** One fault. Half of them cut a power: that is what the outbox is about. */
  async strike(nowMillis: number): Promise<void> {
    if (this.#openMillis !== 0 && nowMillis >= this.#openMillis) this.heal();
    const dice = this.#random();
    if (dice < 0.45) await this.#cutPower(nowMillis);
    else if (dice < 0.65) this.#cutLink();
    else if (dice < 0.7) this.#closeRoad(nowMillis);
    else if (dice < 0.75) await this.#crashBroker();
    else await this.#breakService();
  }

  /** The road is open again. */
  heal(): void {
    this.#openMillis = 0;
    this.#road.reopen();
  }

  async #cutPower(nowMillis: number): Promise<void> {
    const name = this.#choose(this.#fleet.names);
    const cuts = this.#cuts.get(name) ?? [];
    if ((cuts.at(-1)?.onSeconds ?? 0) * 1000 > nowMillis) return;
    const millis = this.#random() * powerLongestMillis;
    await this.#fleet.cutPower(name, millis);
    const offSeconds = Date.now() / 1000;
    this.#cuts.set(name, [...cuts, { offSeconds, onSeconds: offSeconds + millis / 1000 }]);
    this.#loseRing(name, offSeconds);
    this.counts.powerCuts += 1;
  }

  #cutLink(): void {
    if (this.#road.cut(this.#random())) this.counts.linkCuts += 1;
  }

  #closeRoad(nowMillis: number): void {
    if (this.#openMillis !== 0) return;
    this.#road.close();
    this.#openMillis = nowMillis + this.#random() * outageLongestMillis;
    this.counts.outages += 1;
  }

  async #crashBroker(): Promise<void> {
    const offSeconds = Date.now() / 1000;
    await this.#mosquitto.kill();
    await sleep(this.#random() * crashLongestMillis);
    await this.#mosquitto.restart();
    this.crashes.push({ offSeconds, onSeconds: Date.now() / 1000 });
    this.counts.brokerCrashes += 1;
  }

  #loseRing(name: string, seconds: number): void {
    this.#ringLosses.set(name, [...this.ringLossesOf(name), seconds]);
  }

  /** A node without power, or a service that fell just now, has nothing to break. */
  async #breakService(): Promise<void> {
    const name = this.#choose(this.#fleet.names);
    const service = this.#choose(services);
    try {
      await this.#fleet.fault(name, service, this.#choose(kinds));
      this.counts.serviceFaults += 1;
      if (service === "mqtt") this.#loseRing(name, Date.now() / 1000);
    } catch (error) {
      // In safe mode some services do not run; that a node came to this is for the judge.
      if (!/is not running|no such node is running|no service/.test((error as Error).message)) throw error;
    }
  }

  #choose<Each>(list: readonly Each[]): Each {
    return list[Math.floor(this.#random() * list.length)] as Each;
  }
}
