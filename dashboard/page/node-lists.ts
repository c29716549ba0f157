// The events, the faults and the log of one node, newest first. Each is rebuilt only when something new is at its top or an event went on.

import { eventText } from "dashboard/page/alarms";
import { element } from "dashboard/page/dom";
import { clockTime, clockTimeMillis, eventNames, eventSigns } from "dashboard/page/format";
import type { EventRecord } from "dashboard/page/incidents";
import type { FaultReport } from "wire/fault";
import type { LogLine } from "wire/log";

export class EventList {
  readonly root = element("ol", { class: "node-events" });
  #drawn: string | null = null;

  draw(events: readonly EventRecord[]): void {
    const drawing = events.map((event) => `${event.startMicros} ${event.progress} ${event.extreme}`).join();
    if (drawing === this.#drawn) return;
    this.#drawn = drawing;
    fill(this.root, events.map(eventItem));
  }
}

export class FaultList {
  readonly root = element("ol", { class: "lines" });
  #drawn: FaultReport | undefined | null = null;

  draw(faults: readonly FaultReport[]): void {
    if (faults[0] === this.#drawn) return;
    this.#drawn = faults[0];
    fill(this.root, faults.map(faultItem));
  }
}

export class LogList {
  readonly root = element("ol", { class: "lines log" });
  #newest: LogLine | undefined | null = null;

  draw(lines: readonly LogLine[]): void {
    if (lines[0] === this.#newest) return;
    this.#newest = lines[0];
    fill(this.root, lines.map(lineItem));
  }
}

function fill(list: HTMLElement, items: readonly HTMLElement[]): void {
  const none = element("li", { class: "quiet" }, "None since this page was opened.");
  list.replaceChildren(...(items.length > 0 ? items : [none]));
}

function eventItem(event: EventRecord): HTMLElement {
  const time = element("time", {}, clockTime(event.startMicros));
  const text = ` ${eventSigns[event.kind]} ${eventNames[event.kind]}: ${eventText(event)}`;
  return element("li", { "data-tone": event.progress === "ongoing" ? "bad" : "" }, time, text);
}

function faultItem(fault: FaultReport): HTMLElement {
  const { service, version, generation, kind, messageType, reason, bytes, memoryBytes, isReplaced } = fault;
  const message = messageType === "" ? "" : ` at "${messageType}"`;
  const memory = `${Math.round(bytes / 1024)} of ${Math.round(memoryBytes / 1024)} KiB`;
  const who = `${service} ${version}, generation ${generation}`;
  const replaced = isReplaced ? " The version before runs again." : "";
  const text = `${clockTimeMillis(fault.timeMicros)} ${who}: ${kind}${message}, ${memory}: ${reason}${replaced}`;
  return element("li", { "data-tone": isReplaced ? "warn" : "bad" }, text);
}

function lineItem(line: LogLine): HTMLElement {
  const text = `${clockTimeMillis(line.timeMicros)} ${line.level.padEnd(7)} ${line.service}: ${line.text}`;
  return element("li", { "data-tone": levelTones[line.level] }, text);
}

const levelTones: Readonly<Record<LogLine["level"], string>> = { error: "bad", warning: "warn", info: "" };
