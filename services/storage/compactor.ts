// Keeps the index up with the log, and the log within its ring. Changes wait in memory until there is a batch of them; then they
// are merged into the index, and a checkpoint makes it so. When free sectors become few, each merge also moves some of the
// oldest nodes to the head; when it has come around, everything in front of where it began is free.
//
// A piece of the work is done with each commit and, between requests, whenever there is time. Only when the room that a whole
// copy of the index takes is all that is left, it is copied at once.

import { encodeCheckpoint, type PrefixUse } from "services/storage/checkpoint";
import { type Changes, Delta, overlay } from "services/storage/delta";
import { frameKinds } from "services/storage/format";
import type { Log, LogPosition } from "services/storage/log";
import { StorageFailure } from "services/storage/medium";
import { Merge, type Merged, type Moving } from "services/storage/merge";
import type { Room } from "services/storage/room";
import type { Root, Tree } from "services/storage/tree";

/** What one merge moves beside its changes: some tens of milliseconds of a serial chip. */
const leavesMoved = 8;

/** Each change takes some hundred bytes of memory beside its key and value. */
const changesKept = 64;

/** A round writes a copy of the index, piece by piece, and another copy's room must be left then; and it is begun in time. */
const sectorsBeside = 2;

/** A commit begins one sector at most, and a piece of a merge two. */
const sectorsBegun = 2;

/** A round that frees less than this, or than half of what it writes, is not worth its wear. */
const sectorsGained = 2;

export interface Index {
  root: Root;
  liveBytes: number;
  tailSector: number;
  /** Newest first: not yet being merged, and being merged. */
  active: Delta;
  frozen: Changes;
  frozenCost: number;
}

/** Nodes in front of `from` are being moved behind it; up to `cursor` that is done. */
interface Round {
  readonly from: LogPosition;
  readonly cursor: string;
}

interface Job {
  readonly steps: AsyncGenerator<void, Merged>;
  readonly replayFrom: LogPosition;
  readonly used: readonly PrefixUse[];
  readonly syncFailures: number;
}

/** "lost": a sync failed meanwhile, and with it what had been written; there is a merge to begin anew. */
type Progress = "working" | "finished" | "lost";

export class Compactor {
  readonly #log: Log;
  readonly #tree: Tree;
  readonly #room: Room;
  readonly #index: Index;
  readonly #used: () => readonly PrefixUse[];
  #job: Job | undefined;
  #round: Round | undefined;

  constructor(log: Log, tree: Tree, room: Room, index: Index, used: () => readonly PrefixUse[]) {
    this.#log = log;
    this.#tree = tree;
    this.#room = room;
    this.#index = index;
    this.#used = used;
  }

  get isBusy(): boolean {
    return this.#job !== undefined;
  }

  /** Whether there is something to do before it becomes urgent. */
  get hasWork(): boolean {
    return this.isBusy || this.#isDeltaLarge() || this.#needsRound();
  }

  /** One piece of work. */
  async step(): Promise<void> {
    if (this.hasWork) await this.#proceed();
  }

  /** Makes sure that so many changes may be committed, which may cost so much. Throws "full" when they may not. */
  async makeRoom(changes: number, cost: number, limitBytes: number): Promise<void> {
    if (this.#loadBytes() + cost > limitBytes) await this.settle();
    if (this.#loadBytes() + cost > limitBytes)
      throw new StorageFailure(
        "full",
        `Cannot keep more: wanted ${cost} bytes, found ${Math.max(0, limitBytes - this.#loadBytes())} left`,
      );
    if (!this.#hasSpare(cost)) await this.#rewrite();
    while (this.#isDeltaFull(changes)) await this.#proceed();
  }

  /** Everything that was committed is in the index. */
  async settle(): Promise<void> {
    while (this.isBusy || this.#index.active.changes.length > 0) await this.#proceed();
  }

  // ── What is due ──

  #loadBytes(): number {
    const { liveBytes, active, frozenCost } = this.#index;
    return liveBytes + active.cost + frozenCost;
  }

  #isDeltaLarge(): boolean {
    return (
      this.#index.active.bytes >= this.#room.deltaBytes / 2 || this.#index.active.changes.length >= changesKept / 2
    );
  }

  /** Whether so many more would be too many to wait in memory, beside those that are being merged. */
  #isDeltaFull(more: number): boolean {
    const { active, frozen } = this.#index;
    const waiting = active.changes.length + frozen.length;
    return active.bytes >= this.#room.deltaBytes || (waiting > 0 && waiting + more > changesKept);
  }

  /** Beyond what a whole copy takes, a piece of a merge, or a commit, may be written. */
  #hasSpare(cost: number): boolean {
    return this.#log.freeSectors > this.#room.sectorsFor(this.#loadBytes() + cost) + sectorsBegun;
  }

  #needsRound(): boolean {
    if (this.#round !== undefined) return true;
    const { sectors } = this.#log.medium;
    const { freeSectors } = this.#log;
    const copy = this.#room.sectorsFor(this.#loadBytes());
    const garbage = sectors - freeSectors - copy;
    return freeSectors <= 2 * copy + sectorsBeside && garbage >= Math.max(sectorsGained, copy / 2);
  }

  // ── Merging ──

  async #proceed(): Promise<void> {
    if (this.#hasSpare(0)) await this.#advance();
    else await this.#rewrite();
  }

  /** A piece of the merge in hand, or of a new one. */
  async #advance(): Promise<void> {
    if (this.#job === undefined) {
      if (this.#round === undefined && this.#needsRound()) this.#round = { from: this.#log.position, cursor: "" };
      this.#begin(leavesMoved);
    }
    await this.#work();
  }

  /** Copies the whole index at once: whatever else was begun is given up. */
  async #rewrite(): Promise<void> {
    for (let progress: Progress = "lost"; progress !== "finished"; progress = await this.#work()) {
      if (progress === "working") continue;
      this.#giveUp();
      this.#round = { from: this.#log.position, cursor: "" };
      this.#begin(Number.POSITIVE_INFINITY);
    }
  }

  #begin(leaves: number): void {
    const index = this.#index;
    index.frozen = index.active.changes;
    index.frozenCost = index.active.cost;
    index.active = new Delta(this.#log.medium.pageBytes);
    const moving = this.#round && this.#moving(this.#round, leaves);
    const { nodeBytes } = this.#room;
    const merge = new Merge({ log: this.#log, tree: this.#tree, nodeBytes, changes: index.frozen, moving });
    this.#job = {
      steps: merge.run(index.root),
      replayFrom: this.#log.position,
      used: this.#used(),
      syncFailures: this.#log.syncFailures,
    };
  }

  #moving({ from, cursor }: Round, leaves: number): Moving {
    const { sectors, sectorBytes } = this.#log.medium;
    const { tailSector } = this.#index;
    const distance = (sector: number): number => (sector - tailSector + sectors) % sectors;
    const bound = distance(from.sector);
    return { from: cursor, leaves, isOld: (address) => distance(Math.floor(address / sectorBytes)) < bound };
  }

  async #work(): Promise<Progress> {
    const job = this.#job as Job;
    try {
      const { done, value } = await job.steps.next();
      if (done !== true) return "working";
      if (job.syncFailures === this.#log.syncFailures) {
        await this.#finish(job, value);
        return "finished";
      }
      this.#giveUp();
      return "lost";
    } catch (error) {
      this.#giveUp();
      throw error;
    }
  }

  /** The checkpoint stands behind its nodes in the log, so it is not found without them, and one sync is enough for all. */
  async #finish(job: Job, merged: Merged): Promise<void> {
    const index = this.#index;
    const round = this.#round;
    const isAround = round !== undefined && merged.leftAt === undefined;
    const tailSector = isAround ? round.from.sector : index.tailSector;
    const liveBytes = index.liveBytes + merged.grownBytes;
    const { root } = merged;
    const { replayFrom, used } = job;
    const payload = encodeCheckpoint({ root, liveBytes, replayFrom, tailSector, used });
    const pointer = await this.#log.append({ kind: frameKinds.checkpoint, level: 0 }, payload);
    await this.#log.sync();
    this.#log.released(pointer, tailSector);
    Object.assign(index, { root, liveBytes, tailSector, frozen: [], frozenCost: 0 });
    this.#job = undefined;
    if (round !== undefined) this.#round = isAround ? undefined : { ...round, cursor: merged.leftAt as string };
  }

  /** What was frozen waits again, below what came later. */
  #giveUp(): void {
    if (this.#job === undefined) return;
    const index = this.#index;
    index.active = new Delta(this.#log.medium.pageBytes, overlay(index.frozen, index.active.changes));
    index.frozen = [];
    index.frozenCost = 0;
    this.#job = undefined;
    this.#round = undefined;
  }
}
