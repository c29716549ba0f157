// How a node is: its services and what waits to be sent. Topic kind "state", retained, every 10 s and on change.

import { decode, encode } from "wire/cbor";
import { sentenceLengthMaximum, servicesMaximum, versionLengthMaximum, wordLengthMaximum } from "wire/limits";
import { Fields } from "wire/shape";

/** Counters grow from the start of the node; `generation` and `restarts` say how often the service began anew. */
export interface ServiceState {
  readonly name: string;
  /** Of what runs now: the birth tells what the firmware has. */
  readonly version: string;
  /** In the kernel's words: "running", "dead". */
  readonly state: string;
  readonly restarts: number;
  readonly generation: number;
  readonly lastFault: string | null;
  readonly dispatches: number;
  readonly runMicros: number;
  /** Memory of its machine. */
  readonly bytes: number;
  /** Messages waiting. */
  readonly queued: number;
  /** Messages refused with `full`. */
  readonly refused: number;
  /** Messages replaced on a `latest` channel. */
  readonly replaced: number;
}

/** The way out of the node. */
export interface OutboxState {
  /** Publications waiting for their turn. */
  readonly queued: number;
  /** Publications sent and not yet acknowledged. */
  readonly inFlight: number;
  /** Readings and events that wait in storage. */
  readonly stored: number;
  /** Publications given up because there was no room; in the life of the storage, where there is one. */
  readonly dropped: number;
}

/** What the node keeps for good. */
export interface StorageState {
  /** "ready", or why nothing is kept (services/api/storage). */
  readonly state: string;
  /** What was wanted and what was found, where it is not ready. */
  readonly reason: string;
  /** How long the flash will last at the rate at which its sectors really were erased; null: too early to say. */
  readonly flashLifetimeYears: number | null;
}

/** What changed this node, as far as it is told here; `lugh journal` tells the rest. */
export interface JournalState {
  readonly records: number;
  /**
   * SHA-256 of the last entry in hexadecimal digits. It covers all before it: whoever has seen it can tell whether the past was
   * altered.
   */
  readonly head: string;
}

/** What the host found in the boot record (services/api/boot-record), in its words. */
export interface BootStateReport {
  readonly state: string;
  readonly reason: string;
}

export interface NodeState {
  readonly session: number;
  readonly timeMicros: number;
  readonly uptimeMicros: number;
  /** The policy that orders ready services. */
  readonly scheduler: string;
  readonly services: readonly ServiceState[];
  readonly outbox: OutboxState;
  /** null: nobody answered for it. */
  readonly storage: StorageState | null;
  readonly journal: JournalState | null;
  readonly boot: BootStateReport;
}

/** Throws a WireError that names the field which is not as `NodeState` says. */
export function encodeState(state: NodeState): Uint8Array {
  return encode(readState(state));
}

export function decodeState(bytes: Uint8Array): NodeState {
  return readState(decode(bytes));
}

function readState(value: unknown): NodeState {
  const fields = new Fields(value, "state");
  return {
    session: fields.count("session"),
    timeMicros: fields.count("timeMicros"),
    uptimeMicros: fields.count("uptimeMicros"),
    scheduler: fields.text("scheduler", wordLengthMaximum),
    services: fields.list("services", servicesMaximum, readService),
    outbox: readOutbox(fields.fields("outbox")),
    storage: fields.plain("storage") === null ? null : readStorage(fields.fields("storage")),
    journal: fields.plain("journal") === null ? null : readJournal(fields.fields("journal")),
    boot: readBoot(fields.fields("boot")),
  };
}

function readService(value: unknown, path: string): ServiceState {
  const fields = new Fields(value, path);
  return {
    name: fields.text("name", wordLengthMaximum),
    version: fields.text("version", versionLengthMaximum),
    state: fields.text("state", wordLengthMaximum),
    restarts: fields.count("restarts"),
    generation: fields.count("generation"),
    lastFault: fields.textOrNull("lastFault", sentenceLengthMaximum),
    dispatches: fields.count("dispatches"),
    runMicros: fields.count("runMicros"),
    bytes: fields.count("bytes"),
    queued: fields.count("queued"),
    refused: fields.count("refused"),
    replaced: fields.count("replaced"),
  };
}

function readOutbox(fields: Fields): OutboxState {
  return {
    queued: fields.count("queued"),
    inFlight: fields.count("inFlight"),
    stored: fields.count("stored"),
    dropped: fields.count("dropped"),
  };
}

function readStorage(fields: Fields): StorageState {
  return {
    state: fields.text("state", wordLengthMaximum),
    reason: fields.text("reason", sentenceLengthMaximum),
    flashLifetimeYears: fields.plain("flashLifetimeYears") === null ? null : fields.number("flashLifetimeYears"),
  };
}

function readJournal(fields: Fields): JournalState {
  return { records: fields.count("records"), head: fields.text("head", wordLengthMaximum) };
}

function readBoot(fields: Fields): BootStateReport {
  return { state: fields.text("state", wordLengthMaximum), reason: fields.text("reason", sentenceLengthMaximum) };
}
