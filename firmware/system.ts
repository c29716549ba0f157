// The whole node in one table: which services, with what memory and budget, and who may speak to whom.
// Budgets are steps of the meter, about one a byte-code. Memory is on 64 bit; half of it is used on 32 bit.

import type { NodeEntry, NodeTable } from "firmware/table";
import command from "services/command/service";
import journal from "services/journal/service";
import mqtt from "services/mqtt/service";
import reincarnation from "services/reincarnation/service";
import reporter from "services/reporter/service";
import scheduler from "services/scheduler/priority";
import sensor from "services/sensor/service";
import storage from "services/storage/service";

const kilobyte = 1024;

const services: readonly NodeEntry[] = [
  {
    name: "reincarnation",
    module: "services/reincarnation/service",
    version: reincarnation.version,
    // Its reports of faults take a quarter of it, and a trace that it reads another.
    memoryBytes: 160 * kilobyte,
    // It reads what it stored of faults 4 KB at a time, with their traces.
    budgetSteps: 4_000_000,
    // Every other service may fault at once.
    mailbox: 32,
    // How an update ended.
    sends: [{ to: "command", priority: "HIGH" }],
    // The journal writes an update down before the kernel decides.
    calls: [
      { to: "kernel", priority: "HIGH" },
      { to: "journal", priority: "HIGH" },
      // Its reports of faults.
      { to: "storage", priority: "HIGH" },
    ],
    stores: "reincarnation/",
    storesBytes: 36 * kilobyte,
    publishes: [
      { to: "fault", priority: "HIGH" },
      { to: "log", priority: "LOW" },
    ],
    needsReboot: true,
  },
  {
    name: "scheduler",
    module: "services/scheduler/priority",
    version: scheduler.version,
    memoryBytes: 32 * kilobyte,
    budgetSteps: 100_000,
    mailbox: 8,
    publishes: [{ to: "log", priority: "LOW" }],
  },
  {
    name: "storage",
    module: "services/storage/service",
    version: storage.version,
    // Of 64 bits; on 32 it needs half. Four transactions of as much as they may hold, and a merge: tests/storage-memory.test.ts.
    memoryBytes: 384 * kilobyte,
    budgetSteps: 4_000_000,
    mailbox: 32,
    calls: [{ to: "flash", priority: "HIGH" }],
    publishes: [{ to: "log", priority: "LOW" }],
    policy: { lastResort: "reboot" },
    isEssential: true,
    needsReboot: true,
  },
  {
    name: "mqtt",
    module: "services/mqtt/service",
    version: mqtt.version,
    memoryBytes: 512 * kilobyte,
    budgetSteps: 4_000_000,
    // A burst of events of three phases, and the readings of half a minute.
    mailbox: 48,
    sends: [
      { to: "socket", priority: "HIGH" },
      { to: "command", priority: "MEDIUM" },
    ],
    calls: [{ to: "storage", priority: "HIGH" }],
    subscribes: ["settings"],
    stores: "mqtt/",
    net: ["broker"],
    publishes: [{ to: "log", priority: "LOW" }],
    policy: { heartbeatMillis: 30_000, lastResort: "reboot" },
    isEssential: true,
    announces: true,
  },
  {
    name: "reporter",
    module: "services/reporter/service",
    version: reporter.version,
    memoryBytes: 128 * kilobyte,
    budgetSteps: 2_000_000,
    mailbox: 32,
    calls: [{ to: "mqtt", priority: "HIGH" }],
    publishes: [{ to: "log", priority: "LOW" }],
    subscribes: ["settings"],
  },
  {
    name: "sensor",
    module: "services/sensor/service",
    version: sensor.version,
    memoryBytes: 256 * kilobyte,
    budgetSteps: 4_000_000,
    // A quarter of a second of blocks: beyond that a gap is more honest than old news.
    mailbox: 16,
    sends: [{ to: "reporter", priority: "HIGH" }],
    publishes: [{ to: "log", priority: "LOW" }],
    subscribes: ["waveform", "settings"],
    policy: { heartbeatMillis: 10_000 },
  },
  {
    name: "journal",
    module: "services/journal/service",
    version: journal.version,
    memoryBytes: 256 * kilobyte,
    budgetSteps: 4_000_000,
    mailbox: 16,
    calls: [
      { to: "storage", priority: "HIGH" },
      { to: "flash", priority: "HIGH" },
    ],
    stores: "journal/",
    publishes: [
      { to: "settings", priority: "MEDIUM" },
      { to: "log", priority: "LOW" },
    ],
    isEssential: true,
  },
  {
    name: "command",
    module: "services/command/service",
    version: command.version,
    memoryBytes: 256 * kilobyte,
    budgetSteps: 4_000_000,
    mailbox: 32,
    // Reports of faults are HIGH, all else is less.
    sends: [{ to: "mqtt", priority: "HIGH" }],
    calls: [
      { to: "kernel", priority: "MEDIUM" },
      { to: "simulator", priority: "MEDIUM" },
      { to: "mqtt", priority: "MEDIUM" },
      { to: "storage", priority: "MEDIUM" },
      { to: "reincarnation", priority: "MEDIUM" },
      { to: "journal", priority: "MEDIUM" },
    ],
    stores: "command/",
    mendsStorage: true,
    publishes: [{ to: "log", priority: "LOW" }],
    subscribes: ["fault", "log"],
    // It tells the state every ten seconds.
    policy: { heartbeatMillis: 30_000, isBusy: true, lastResort: "reboot" },
    isEssential: true,
  },
];

export const system: NodeTable = { scheduler: "scheduler", reincarnation: "reincarnation", services };
