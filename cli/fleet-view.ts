// What a broker knows of a fleet: births, deaths and last states, which it keeps, and who is heard right now.

import { setTimeout as sleep } from "node:timers/promises";
import type { BrokerLink } from "cli/broker-link";
import { type Birth, decodeBirth, decodeDeath } from "wire/birth";
import { WireError } from "wire/error";
import { hear, judgeLiveness, type Liveness, type LivenessStatus, unheard } from "wire/liveness";
import { decodeState, type NodeState } from "wire/state";
import { buildFleetFilter, formatNodeName, parseTopic, type TopicKind } from "wire/topics";

/** A broker sends what it retained right after a subscription; when nothing came for so long, that was all of it. */
const quietMillis = 250;
/** Two readings and a little more: who is not heard in that time is silent. */
const patienceMillis = 2_500;

export interface NodeView {
  readonly name: string;
  readonly birth: Birth | null;
  readonly state: NodeState | null;
  readonly liveness: Liveness;
}

export class FleetView {
  readonly #nodes = new Map<string, NodeView>();
  #received = 0;

  get received(): number {
    return this.#received;
  }

  /** Anyone can publish on our topics: what is not ours is passed over. */
  receive(topic: string, payload: Uint8Array, isRetained: boolean): void {
    this.#received++;
    try {
      const { site, node, kind } = parseTopic(topic);
      const name = formatNodeName({ site, node });
      const view = this.#nodes.get(name) ?? { name, birth: null, state: null, liveness: unheard };
      this.#nodes.set(name, withMessage(view, kind, payload, isRetained));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }

  /** Nodes that announced themselves, in the order in which people count: node-2 before node-10. */
  get nodes(): readonly NodeView[] {
    return [...this.#nodes.values()]
      .filter(({ birth }) => birth !== null)
      .sort((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }));
  }

  node(name: string): NodeView | undefined {
    return this.#nodes.get(name);
  }
}

function withMessage(view: NodeView, kind: TopicKind, payload: Uint8Array, isRetained: boolean): NodeView {
  switch (kind) {
    case "birth": {
      const birth = decodeBirth(payload);
      const liveness = hear(view.liveness, { kind, isRetained, session: birth.session }, nowMicros());
      return { ...view, liveness, birth: birth.session === liveness.session ? birth : view.birth };
    }
    case "death":
      return {
        ...view,
        liveness: hear(view.liveness, { kind, isRetained, session: decodeDeath(payload).session }, nowMicros()),
      };
    case "state":
      return {
        ...view,
        state: decodeState(payload),
        liveness: hear(view.liveness, { kind, isRetained, session: null }, nowMicros()),
      };
    default:
      return { ...view, liveness: hear(view.liveness, { kind, isRetained, session: null }, nowMicros()) };
  }
}

export function statusOf({ liveness }: NodeView): LivenessStatus {
  return judgeLiveness(liveness, nowMicros());
}

function nowMicros(): number {
  return Math.round(performance.now() * 1000);
}

/** What the broker keeps. Who is silent cannot be told from that: nodes are dead, unknown or at most stale. */
export async function lookAtFleet(link: BrokerLink): Promise<FleetView> {
  const view = new FleetView();
  link.receive((...message) => view.receive(...message));
  await subscribe(link, ["birth", "death", "state"]);
  for (let received = -1; received !== view.received; ) {
    received = view.received;
    await Promise.race([sleep(quietMillis), link.lost]);
  }
  return view;
}

/** Waits until every node that did not die was heard, or ought to have been. */
export async function listenToFleet(link: BrokerLink): Promise<FleetView> {
  const end = performance.now() + patienceMillis;
  const view = await lookAtFleet(link);
  await subscribe(link, ["telemetry", "event"]);
  while (view.nodes.some((node) => statusOf(node) === "stale") && performance.now() < end)
    await Promise.race([sleep(quietMillis / 10), link.lost]);
  return view;
}

function subscribe(link: BrokerLink, kinds: readonly TopicKind[]): Promise<void> {
  return link.subscribe(...kinds.map((kind) => buildFleetFilter(kind)));
}
