// What is said of a node in a few characters: its state, its values, its last event. Pure; the views put it on the screen.

import {
  duration,
  eventNames,
  eventSigns,
  hertz,
  shortDuration,
  unknown,
  volts,
  wholeDuration,
} from "dashboard/page/format";
import { highHertz, highVoltageShare, lowHertz, lowVoltageShare } from "dashboard/page/limits";
import { isCurrent, type NodeRecord, readingAgeMillis, statusOf } from "dashboard/page/node-record";
import type { LivenessStatus } from "wire/liveness";

export interface Shown {
  readonly text: string;
  readonly unit?: string;
  /** Names a look in the style sheet; never the only sign of what it means. */
  readonly tone?: string;
}

const statusSigns: Readonly<Record<LivenessStatus, string>> = { alive: "●", stale: "◐", dead: "✕", unknown: "○" };

export function showStatus(node: NodeRecord, nowMillis: number): Shown {
  const status = statusOf(node, nowMillis);
  // It lives and measures nothing: neither the age of its last reading nor its silence is news.
  if (node.birth?.isSafeMode === true && status !== "dead") return { text: "▲ safe mode", tone: "stale" };
  const ageMillis = readingAgeMillis(node, nowMillis);
  const age = isCurrent(node, nowMillis) || ageMillis === null ? "" : ` ${shortDuration(ageMillis)}`;
  return { text: `${statusSigns[status]} ${statusWord(node, status)}${age}`, tone: status };
}

function statusWord(node: NodeRecord, status: LivenessStatus): string {
  if (status !== "unknown") return status;
  return node.liveness.heardMicros === null ? "never seen" : "no birth";
}

/** A session may be any count, even seconds since 1970; the last digits tell two of a node apart. */
export function showSession(node: NodeRecord): Shown {
  if (node.birth === null) return { text: unknown };
  const digits = String(node.birth.session);
  return { text: digits.length <= 5 ? digits : `…${digits.slice(-4)}` };
}

export function showVoltage(node: NodeRecord, quantity: "u1" | "u2" | "u3"): Shown {
  if (node.reading === null) return { text: unknown };
  const value = node.reading[quantity];
  const { text, unit } = volts(value);
  const declared = node.birth?.declaredVolts ?? Number.NaN;
  if (value !== null && value > declared * highVoltageShare) return { text: `▲ ${text}`, unit, tone: "high" };
  if (value !== null && value < declared * lowVoltageShare) return { text: `▼ ${text}`, unit, tone: "low" };
  return { text, unit };
}

export function showFrequency(node: NodeRecord): Shown {
  if (node.reading === null) return { text: unknown };
  const value = node.reading.f;
  const { text, unit } = hertz(value);
  if (value === null) return { text, unit, tone: "invalid" };
  if (value > highHertz) return { text: `▲ ${text}`, unit, tone: "high" };
  if (value < lowHertz) return { text: `▼ ${text}`, unit, tone: "low" };
  return { text, unit };
}

export function showEvent(node: NodeRecord): Shown {
  const event = node.events[0];
  if (event === undefined) return { text: unknown };
  const length = event.durationMicros === null ? "" : ` ${duration(event.durationMicros / 1_000)}`;
  const suffix = event.progress === "ongoing" ? " now" : length;
  return {
    text: `${eventSigns[event.kind]} ${eventNames[event.kind]}${suffix}`,
    tone: event.progress === "ongoing" ? "bad" : "",
  };
}

export function uptimeMillis(node: NodeRecord, nowMillis: number): number | null {
  return node.report === null ? null : node.report.uptimeMicros / 1_000 + (nowMillis - node.reportMillis);
}

export function showShortUptime(node: NodeRecord, nowMillis: number): Shown {
  const uptime = uptimeMillis(node, nowMillis);
  const isKnown = uptime !== null && statusOf(node, nowMillis) === "alive";
  return { text: isKnown ? shortDuration(uptime) : unknown };
}

export function showUptime(node: NodeRecord, nowMillis: number): string {
  const uptime = uptimeMillis(node, nowMillis);
  return uptime === null ? unknown : wholeDuration(uptime);
}
