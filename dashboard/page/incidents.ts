// The events of the fleet, gathered into incidents.
//
// A disturbance of the grid is seen by every node at once. A thousand lines would hide it; so events of one kind that
// begin within seconds of each other are one incident: how many nodes, how bad, how long. Beginnings and ends of an event are two
// messages with one id and one start; either may come first, or alone.

import { incidentMicros, maxEvents, maxIncidents } from "dashboard/page/limits";
import type { EventKind, EventReport } from "wire/event";

/** `lost`: the node died before it told the end. Should it come back and tell it after all, that counts. */
export type Progress = "ongoing" | "over" | "lost";

export interface EventRecord {
  readonly node: string;
  readonly kind: EventKind;
  readonly startMicros: number;
  readonly unit: "V" | "Hz";
  readonly isHistorical: boolean;
  lines: readonly number[];
  extreme: number;
  durationMicros: number | null;
  progress: Progress;
}

export interface Incident {
  readonly key: number;
  readonly kind: EventKind;
  readonly unit: "V" | "Hz";
  readonly events: Set<EventRecord>;
  /** When its first and its last event began. */
  startMicros: number;
  lastStartMicros: number;
  ongoing: number;
  worst: number;
  longestMicros: number;
  /** Counts the changes, so that a view can tell whether to draw it again. */
  version: number;
}

export class Incidents {
  readonly #events = new Map<string, { record: EventRecord; incident: Incident }>();
  readonly #ongoingOf = new Map<string, Set<string>>();
  #incidents: Incident[] = [];
  #nextKey = 1;

  /** Newest first. */
  get list(): readonly Incident[] {
    return this.#incidents;
  }

  get ongoing(): number {
    return this.#incidents.reduce((sum, incident) => sum + incident.ongoing, 0);
  }

  /** Takes a beginning or an end; answers the record and whether it is a new one. */
  put(node: string, event: EventReport): { record: EventRecord; isNew: boolean } {
    const key = `${node} ${event.id} ${event.startMicros}`;
    const known = this.#events.get(key);
    if (known !== undefined) {
      this.#update(key, known.record, known.incident, event);
      return { record: known.record, isNew: false };
    }
    const record = recordOf(node, event);
    const incident = this.#incidentFor(record);
    incident.events.add(record);
    this.#events.set(key, { record, incident });
    this.#count(key, record, incident);
    this.#prune();
    return { record, isNew: true };
  }

  /** The node died: nobody knows how the events that it has not ended go on. */
  lose(node: string): void {
    for (const key of this.#ongoingOf.get(node) ?? []) {
      const known = this.#events.get(key);
      if (known === undefined) continue;
      known.record.progress = "lost";
      known.incident.ongoing -= 1;
      known.incident.version += 1;
    }
    this.#ongoingOf.delete(node);
  }

  #update(key: string, record: EventRecord, incident: Incident, event: EventReport): void {
    if (record.progress === "over") return;
    if (record.progress === "ongoing") this.#settle(key, record, incident);
    record.lines = event.lines;
    record.extreme = event.extreme;
    record.durationMicros = event.durationMicros;
    record.progress = progressOf(event);
    this.#count(key, record, incident);
  }

  #count(key: string, record: EventRecord, incident: Incident): void {
    incident.version += 1;
    incident.worst = worse(record.kind, incident.worst, record.extreme);
    incident.longestMicros = Math.max(incident.longestMicros, record.durationMicros ?? 0);
    if (record.progress !== "ongoing") return;
    incident.ongoing += 1;
    const keys = this.#ongoingOf.get(record.node) ?? new Set();
    this.#ongoingOf.set(record.node, keys.add(key));
  }

  #settle(key: string, record: EventRecord, incident: Incident): void {
    incident.ongoing -= 1;
    const keys = this.#ongoingOf.get(record.node);
    if (keys?.delete(key) && keys.size === 0) this.#ongoingOf.delete(record.node);
  }

  #incidentFor(record: EventRecord): Incident {
    const near = this.#incidents.find((incident) => isNear(incident, record));
    if (near !== undefined) {
      near.startMicros = Math.min(near.startMicros, record.startMicros);
      near.lastStartMicros = Math.max(near.lastStartMicros, record.startMicros);
      return near;
    }
    const { kind, startMicros, unit, extreme } = record;
    const incident: Incident = {
      key: this.#nextKey,
      kind,
      unit,
      events: new Set(),
      startMicros,
      lastStartMicros: startMicros,
      ongoing: 0,
      worst: extreme,
      longestMicros: 0,
      version: 0,
    };
    this.#nextKey += 1;
    const at = this.#incidents.findIndex((other) => other.startMicros <= startMicros);
    this.#incidents.splice(at < 0 ? this.#incidents.length : at, 0, incident);
    return incident;
  }

  #prune(): void {
    for (const [key, { record, incident }] of this.#events) {
      if (this.#events.size <= maxEvents) break;
      this.#drop(key, record, incident);
    }
    while (this.#incidents.length > maxIncidents) {
      const oldest = this.#incidents.pop();
      if (oldest === undefined) break;
      for (const [key, { record, incident }] of this.#events)
        if (incident === oldest) this.#drop(key, record, incident);
    }
  }

  #drop(key: string, record: EventRecord, incident: Incident): void {
    if (record.progress === "ongoing") this.#settle(key, record, incident);
    this.#events.delete(key);
    incident.events.delete(record);
    incident.version += 1;
    if (incident.events.size === 0) this.#incidents = this.#incidents.filter((other) => other !== incident);
  }
}

function isNear(incident: Incident, record: EventRecord): boolean {
  return (
    incident.kind === record.kind &&
    record.startMicros >= incident.startMicros - incidentMicros &&
    record.startMicros <= incident.lastStartMicros + incidentMicros
  );
}

function recordOf(node: string, event: EventReport): EventRecord {
  const { kind, lines, startMicros, durationMicros, extreme, unit } = event;
  return {
    node,
    kind,
    lines,
    startMicros,
    durationMicros,
    extreme,
    unit,
    isHistorical: event.historical,
    progress: progressOf(event),
  };
}

function progressOf(event: EventReport): Progress {
  return event.phase === "end" ? "over" : "ongoing";
}

/** The farther from normal: high for a swell or over-frequency, low for all others. */
function worse(kind: EventKind, one: number, other: number): number {
  return kind === "swell" || kind === "over-frequency" ? Math.max(one, other) : Math.min(one, other);
}
