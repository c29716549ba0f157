// What each column of the fleet table shows and sorts by. Pure: the table turns it into cells.

import { count, rate, unknown } from "dashboard/page/format";
import { type NodeRecord, statusOf } from "dashboard/page/node-record";
import type { Quantity } from "dashboard/page/series";
import {
  type Shown,
  showEvent,
  showFrequency,
  showSession,
  showShortUptime,
  showStatus,
  showVoltage,
  uptimeMillis,
} from "dashboard/page/shown";
import type { LivenessStatus } from "wire/liveness";

export interface Column {
  readonly key: string;
  readonly title: string;
  /** What a pointer that rests on the title is told. */
  readonly hint: string;
  readonly align: "left" | "right";
  /** A line instead of text. */
  readonly spark?: Quantity;
  show(node: NodeRecord, nowMillis: number): Shown;
  sortKey(node: NodeRecord, nowMillis: number): number | string;
}

/** Worst first. */
const statusOrder: Readonly<Record<LivenessStatus, number>> = { dead: 0, stale: 1, unknown: 2, alive: 3 };

const lastInOrder = Number.POSITIVE_INFINITY;

export const columns: readonly Column[] = [
  {
    key: "name",
    title: "Node",
    hint: "Site and node",
    align: "left",
    show: (node) => ({ text: node.name }),
    sortKey: (node) => node.sortName,
  },
  {
    key: "state",
    title: "State",
    hint: "Alive, stale (readings stopped), dead (the broker reported it), or never seen; with the age of the last reading",
    align: "left",
    show: showStatus,
    sortKey: (node, nowMillis) => statusOrder[statusOf(node, nowMillis)],
  },
  voltageColumn("u1", "U1"),
  sparkColumn("u1", "U1, 2 min"),
  voltageColumn("u2", "U2"),
  voltageColumn("u3", "U3"),
  {
    key: "f",
    title: "f",
    hint: "Frequency; invalid below 10 % of the declared voltage",
    align: "right",
    show: (node) => showFrequency(node),
    sortKey: (node) => node.reading?.f ?? lastInOrder,
  },
  sparkColumn("f", "f, 2 min"),
  {
    key: "event",
    title: "Last event",
    hint: "The newest dip, swell, interruption or frequency event",
    align: "left",
    show: showEvent,
    sortKey: (node) => -(node.events[0]?.startMicros ?? Number.NEGATIVE_INFINITY),
  },
  {
    key: "uptime",
    title: "Uptime",
    hint: "Since the node started, as it reported",
    align: "right",
    show: showShortUptime,
    sortKey: (node, nowMillis) => uptimeMillis(node, nowMillis) ?? lastInOrder,
  },
  {
    key: "session",
    title: "Session",
    hint: "Counts the connections of the node to the broker",
    align: "right",
    show: showSession,
    sortKey: (node) => node.birth?.session ?? lastInOrder,
  },
  {
    key: "rate",
    title: "Msg/s",
    hint: "Messages a second over the last ten seconds",
    align: "right",
    show: (node, nowMillis) => ({ text: rate(node.messages.perSecond(nowMillis)) }),
    sortKey: (node, nowMillis) => -node.messages.perSecond(nowMillis),
  },
  {
    key: "restarts",
    title: "Restarts",
    hint: "Restarts of services since the node started",
    align: "right",
    show: (node) => ({
      text: node.report === null ? unknown : count(node.restarts),
      tone: node.restarts > 0 ? "warn" : "",
    }),
    sortKey: (node) => -node.restarts,
  },
];

function voltageColumn(quantity: "u1" | "u2" | "u3", title: string): Column {
  return {
    key: quantity,
    title,
    hint: `Voltage of line ${quantity.slice(1)}, rms; ▲ and ▼ beyond 110 and 90 % of the declared voltage`,
    align: "right",
    show: (node) => showVoltage(node, quantity),
    sortKey: (node) => node.reading?.[quantity] ?? lastInOrder,
  };
}

function sparkColumn(quantity: Quantity, title: string): Column {
  return {
    key: `spark-${quantity}`,
    title,
    hint: "The last two minutes",
    align: "left",
    spark: quantity,
    show: () => ({ text: "" }),
    sortKey: (node) => node.sortName,
  };
}
