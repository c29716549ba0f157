// The whole node in one table: which services, with what memory and budget, and who may speak to whom.
// Budgets are steps of the meter, about one a byte-code. Memory is on 64 bit; half of it is used on 32 bit.

import type { ServiceEntry, SystemTable } from "kernel/mod";
import command from "services/command/service";
import mqtt from "services/mqtt/service";
import reincarnation from "services/reincarnation/service";
import reporter from "services/reporter/service";
import scheduler from "services/scheduler/priority";
import sensor from "services/sensor/service";
import storage from "services/storage/service";

const kilobyte = 1024;

const services: readonly ServiceEntry[] = [
  {
    name: "reincarnation",
    module: "services/reincarnation/service",
    version: reincarnation.version,
    memoryBytes: 64 * kilobyte,
    budgetSteps: 200_000,
    // Every other service may fault at once.
    mailbox: 32,
    calls: [{ to: "kernel", priority: "HIGH" }],
    publishes: [
      { to: "fault", priority: "HIGH" },
      { to: "log", priority: "LOW" },
    ],
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
    name: "mqtt",
    module: "services/mqtt/service",
    version: mqtt.version,
    memoryBytes: 512 * kilobyte,
    stackSlots: 512,
    budgetSteps: 4_000_000,
    // A burst of events of three phases, and the readings of half a minute.
    mailbox: 48,
    sends: [
      { to: "socket", priority: "HIGH" },
      { to: "command", priority: "MEDIUM" },
    ],
    calls: [{ to: "storage", priority: "HIGH" }],
    stores: "mqtt/",
    net: ["broker"],
    publishes: [{ to: "log", priority: "LOW" }],
  },
  {
    name: "reporter",
    module: "services/reporter/service",
    version: reporter.version,
    memoryBytes: 128 * kilobyte,
    stackSlots: 512,
    budgetSteps: 2_000_000,
    mailbox: 32,
    calls: [{ to: "mqtt", priority: "HIGH" }],
    publishes: [{ to: "log", priority: "LOW" }],
  },
  {
    name: "sensor",
    module: "services/sensor/service",
    version: sensor.version,
    memoryBytes: 256 * kilobyte,
    stackSlots: 512,
    budgetSteps: 4_000_000,
    // A quarter of a second of blocks: beyond that a gap is more honest than old news.
    mailbox: 16,
    sends: [{ to: "reporter", priority: "HIGH" }],
    publishes: [{ to: "log", priority: "LOW" }],
    subscribes: ["waveform"],
  },
  {
    name: "storage",
    module: "services/storage/service",
    version: storage.version,
    memoryBytes: 256 * kilobyte,
    stackSlots: 1_024,
    budgetSteps: 4_000_000,
    mailbox: 32,
    calls: [{ to: "flash", priority: "HIGH" }],
    publishes: [{ to: "log", priority: "LOW" }],
  },
  {
    name: "command",
    module: "services/command/service",
    version: command.version,
    memoryBytes: 256 * kilobyte,
    stackSlots: 512,
    budgetSteps: 4_000_000,
    mailbox: 32,
    sends: [{ to: "mqtt", priority: "MEDIUM" }],
    calls: [
      { to: "kernel", priority: "MEDIUM" },
      { to: "simulator", priority: "MEDIUM" },
      { to: "mqtt", priority: "MEDIUM" },
      { to: "storage", priority: "MEDIUM" },
    ],
    stores: "command/",
    publishes: [{ to: "log", priority: "LOW" }],
    subscribes: ["fault", "log"],
  },
];

/** What mqtt announces at each birth. */
const versions = services.map(({ name, version }) => ({ name, version: version ?? "unknown" }));

export const system: SystemTable = {
  scheduler: "scheduler",
  reincarnation: "reincarnation",
  services: services.map((entry) =>
    entry.name === "mqtt" ? { ...entry, configuration: { services: versions } } : entry,
  ),
};
