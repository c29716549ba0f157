// The ring of sectors: frames are appended at the head, sector after sector around the partition, and what lies behind the tail
// is free. Every sector is erased once a round, which is all there is to say about wear.
//
// Two syncs carry the promise. What lies in a sector is durable before the next one is opened; and its header, with the erase in
// front of it, is durable before a frame is in it. So everything in front of the last sync is in the
// log, whatever a power cut did to the rest, and a reader may stop at the first thing that is not whole.

import {
  type Dimensions,
  dimensionsOf,
  encodeFrame,
  encodeHeader,
  type Frame,
  frameBytes,
  nowhere,
  type Pointer,
} from "services/storage/format";
import { isFailed, type Medium, StorageFailure } from "services/storage/medium";

/** Between two frames. */
export interface LogPosition {
  readonly sector: number;
  readonly offset: number;
  readonly sequence: number;
}

export interface LogState {
  readonly head: LogPosition;
  /** The highest that any sector bears; those above the head's are free. */
  readonly lastSequence: number;
  /** Nothing may be appended behind this head: what follows it is not erased. */
  readonly isSealed: boolean;
  readonly freeSectors: number;
  readonly checkpoint: Pointer;
}

/** Worn sectors are seldom neighbours, and whoever asks waits for two erases of each. */
const sectorsTried = 4;

export class Log {
  readonly medium: Medium;
  readonly dimensions: Dimensions;
  #sector: number;
  #sequence: number;
  #lastSequence: number;
  #offset: number;
  /** Of the head's sector, so much is synced. */
  #durableEnd: number;
  #isSealed: boolean;
  #freeSectors: number;
  #checkpoint: Pointer;
  /** A sector that was erased ahead; -1: none. */
  #erasedAhead = -1;
  #syncFailures = 0;
  /** Sectors that the head has moved. */
  #advanced = 0;
  #overwritten = 0;

  constructor(medium: Medium, { head, lastSequence, isSealed, freeSectors, checkpoint }: LogState) {
    this.medium = medium;
    this.dimensions = dimensionsOf(medium);
    this.#sector = head.sector;
    this.#sequence = head.sequence;
    this.#lastSequence = lastSequence;
    this.#offset = head.offset;
    this.#durableEnd = head.offset;
    this.#isSealed = isSealed;
    this.#freeSectors = freeSectors;
    this.#checkpoint = checkpoint;
  }

  get freeSectors(): number {
    return this.#freeSectors;
  }

  get position(): LogPosition {
    return { sector: this.#sector, offset: this.#offset, sequence: this.#sequence };
  }

  /** Up to how many sectors ahead of where the head once was anything was erased. */
  get overwritten(): number {
    return this.#overwritten;
  }

  /** Up to how many sectors ahead of there nothing is needed now. */
  get overwritable(): number {
    return this.#advanced + this.#freeSectors;
  }

  get syncFailures(): number {
    return this.#syncFailures;
  }

  /**
   * Programs a frame; durable is it with the next sync. Another sector is tried once when this one fails; but not when a sync
   * failed on the way: what was appended before is lost then, and this frame may mean nothing without it.
   */
  async append(what: Pick<Frame, "kind" | "level">, payload: Uint8Array): Promise<Pointer> {
    const syncFailures = this.#syncFailures;
    try {
      return await this.#program(what, payload);
    } catch (error) {
      if (!isFailed(error) || syncFailures !== this.#syncFailures) throw error;
      return this.#program(what, payload);
    }
  }

  /** What was appended outlives the power. When it throws, what was appended since the last one is not in the log. */
  async sync(): Promise<void> {
    if (this.#durableEnd === this.#offset) return;
    try {
      await this.medium.sync();
    } catch (error) {
      // A device that failed to write its cache may have dropped it: only what is written again can be trusted.
      this.#syncFailures++;
      this.#offset = this.#durableEnd;
      this.#isSealed = true;
      throw error;
    }
    this.#durableEnd = this.#offset;
  }

  /** The checkpoint is durable, and nothing in front of this sector is needed any more. */
  released(checkpoint: Pointer, tailSector: number): void {
    const { sectors } = this.medium;
    this.#checkpoint = checkpoint;
    this.#freeSectors = (tailSector - this.#sector - 1 + sectors) % sectors;
  }

  /** The head's sector is almost full. Earlier would be waste: nobody trusts an erase of which he remembers nothing. */
  get needsErase(): boolean {
    const isNear = this.#offset > (this.medium.sectorBytes * 3) / 4;
    return isNear && this.#erasedAhead === -1 && this.#freeSectors > 0;
  }

  /** Erases the next sector while there is time. A sync that fails behind the erase has nothing else to lose. */
  async eraseAhead(): Promise<void> {
    const sector = (this.#sector + 1) % this.medium.sectors;
    this.#overwritten = this.#advanced + 1;
    await this.sync();
    await this.medium.erase(sector);
    await this.medium.sync();
    this.#erasedAhead = sector;
  }

  async #program(what: Pick<Frame, "kind" | "level">, payload: Uint8Array): Promise<Pointer> {
    const { pageBytes, sectorBytes } = this.medium;
    if (this.#isSealed || this.#offset + frameBytes(pageBytes, payload.length) > sectorBytes) await this.#openSector();
    const address = this.#sector * sectorBytes + this.#offset;
    const place = { address, sequence: this.#sequence, durableEnd: this.#durableEnd };
    const { bytes, sum } = encodeFrame(what, payload, place, pageBytes);
    try {
      await this.medium.program(address, bytes);
    } catch (error) {
      this.#isSealed = true;
      throw error;
    }
    this.#offset += bytes.length;
    return { address, sum };
  }

  /**
   * A sector that fails twice is left out; it has a life of its own sequence number, so that nobody takes it for ours. When some
   * in a row fail it is not they but the flash: nothing is left out then, and the next one who asks tries them again.
   */
  async #openSector(): Promise<void> {
    const previous = this.position;
    const sectors = Math.min(this.#freeSectors, sectorsTried);
    for (let ahead = 1; ahead <= sectors; ahead++) {
      const sector = (previous.sector + ahead) % this.medium.sectors;
      const sequence = this.#lastSequence + 1;
      this.#lastSequence = sequence;
      this.#overwritten = Math.max(this.#overwritten, this.#advanced + ahead);
      const isOpen = (await this.#begin(sector, sequence, previous)) || (await this.#begin(sector, sequence, previous));
      if (!isOpen) continue;
      this.#sector = sector;
      this.#sequence = sequence;
      this.#freeSectors -= ahead;
      this.#advanced += ahead;
      this.#offset = this.dimensions.headerBytes;
      this.#durableEnd = this.#offset;
      this.#isSealed = false;
      return;
    }
    this.#isSealed = true;
    throw sectors === 0
      ? new StorageFailure("full", "Cannot append to the log: wanted a free sector, found none")
      : new StorageFailure("failed", `Cannot append to the log: ${sectors} sectors in a row failed`);
  }

  /** A header without its erase is found too: what lies behind it then bears another sequence number, and is not appended to. */
  async #begin(sector: number, sequence: number, previous: LogPosition): Promise<boolean> {
    const { sectorBytes } = this.medium;
    const header = {
      sequence,
      sector,
      previousSequence: previous.sequence,
      previousEnd: previous.offset,
      checkpoint: this.#checkpoint,
    };
    await this.sync();
    try {
      if (this.#erasedAhead !== sector) await this.medium.erase(sector);
      this.#erasedAhead = -1;
      await this.medium.program(sector * sectorBytes, encodeHeader(header, this.medium));
      await this.medium.sync();
      return true;
    } catch (error) {
      if (!isFailed(error)) throw error;
      return false;
    }
  }
}

/** The first sector of a log, on a flash that is erased from end to end. */
export async function beginLog(medium: Medium): Promise<Log> {
  const header = { sequence: 1, sector: 0, previousSequence: 0, previousEnd: 0, checkpoint: nowhere };
  await medium.program(0, encodeHeader(header, medium));
  await medium.sync();
  const head = { sector: 0, offset: dimensionsOf(medium).headerBytes, sequence: 1 };
  return new Log(medium, {
    head,
    lastSequence: 1,
    isSealed: false,
    freeSectors: medium.sectors - 1,
    checkpoint: nowhere,
  });
}
