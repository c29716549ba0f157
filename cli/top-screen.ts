// An interval of a node as people read it: a few lines for the node, a table for its services.

import type { Output } from "cli/output";
import { printable } from "cli/output";
import { type Column, printTable } from "cli/table";
import type { Interval, Load, ServiceLoad, Waits } from "cli/top-interval";
import { levels } from "cli/top-sample";
import { formatDuration } from "cli/units";

export function printInterval(node: string, interval: Interval, output: Output): void {
  const { uptimeMicros, intervalMicros, scheduler, highWaitMicros, waits, total, services } = interval;
  const seconds = (intervalMicros / 1e6).toFixed(1);
  output.line(
    `${output.paint("bold", node)}  up ${formatDuration(uptimeMicros)}, scheduler ${printable(scheduler)}, over ${seconds} s`,
  );
  output.line(describeLoad(total));
  output.line(`longest wait of HIGH in the last minute ${formatMicros(highWaitMicros)}`);
  if (waits !== null) for (const level of levels) output.line(`${level.padEnd(6)} ${describeWaits(waits[level])}`);
  output.line("");
  printTable(columns(output), services, output);
}

function describeLoad({ cpuShare, dispatchesPerSecond, stepsPerSecond, queued, bytes, restarts }: Load): string {
  return [
    `${formatShare(cpuShare)} CPU`,
    `${formatRate(dispatchesPerSecond)} dispatches/s`,
    `${formatRate(stepsPerSecond)} steps/s`,
    `${queued} queued`,
    formatBytes(bytes),
    `${restarts} restarts`,
  ].join(", ");
}

function describeWaits({ messages, medianBelowMicros, p99BelowMicros, maxBelowMicros }: Waits): string {
  if (messages === 0) return "no message";
  const below = (micros: number | null): string => (micros === null ? "without bound" : `< ${formatMicros(micros)}`);
  const bounds = `half ${below(medianBelowMicros)}, 99 % ${below(p99BelowMicros)}, all ${below(maxBelowMicros)}`;
  return `${messages.toLocaleString("en")} messages waited: ${bounds}`;
}

function columns({ paint }: Output): readonly Column<ServiceLoad>[] {
  return [
    { title: "SERVICE", cell: ({ name }) => printable(name) },
    {
      title: "STATE",
      cell: ({ state }) => printable(state),
      paint: ({ state }, text) => paint(state === "running" ? "green" : "red", text),
    },
    { title: "CPU", cell: ({ cpuShare }) => formatShare(cpuShare), isNumber: true },
    { title: "DISPATCHES/S", cell: ({ dispatchesPerSecond }) => formatRate(dispatchesPerSecond), isNumber: true },
    { title: "STEPS/S", cell: ({ stepsPerSecond }) => formatRate(stepsPerSecond), isNumber: true },
    { title: "QUEUED", cell: ({ queued }) => String(queued), isNumber: true },
    { title: "MEMORY", cell: ({ bytes }) => formatBytes(bytes), isNumber: true },
    {
      title: "RESTARTS",
      cell: ({ restarts }) => String(restarts),
      isNumber: true,
      paint: ({ restarts }, text) => (restarts > 0 ? paint("yellow", text) : text),
    },
  ];
}

function formatShare(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** A service that does something once in a while is not shown as idle. */
function formatRate(rate: number): string {
  return rate > 0 && rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en");
}

function formatBytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

function formatMicros(micros: number): string {
  return micros < 1000 ? `${micros} µs` : `${(micros / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} ms`;
}
