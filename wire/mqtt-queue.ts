// What waits to be published: three queues by priority, bounded together. When there is no room, the oldest of the
// lowest class gives way: LOW to anything, MEDIUM to HIGH, HIGH to nothing. New readings are worth more than old ones,
// and an event is worth more than both; what even so finds no room is answered "full" and stays with its sender.

import type { MqttLimits } from "wire/limits";
import type { Message } from "wire/mqtt-packet";

export type PublishPriority = "HIGH" | "MEDIUM" | "LOW";

export interface Publication extends Message {
  readonly qos: 0 | 1;
  readonly priority: PublishPriority;
  /** The sender's own mark, named when the publication was acknowledged or dropped. */
  readonly token: number;
}

export class PublicationQueue {
  readonly #limits: MqttLimits;
  readonly #high: Publication[] = [];
  readonly #medium: Publication[] = [];
  readonly #low: Publication[] = [];
  #bytes = 0;

  constructor(limits: MqttLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#high.length + this.#medium.length + this.#low.length;
  }

  /** Takes it in, and answers what had to give way for it; null when there is no room, and then nothing gave way. */
  offer(publication: Publication): Publication[] | null {
    const victims = this.#chooseVictims(publication);
    if (victims === null) return null;
    for (const victim of victims) this.#remove(victim);
    this.#queueOf(publication.priority).push(publication);
    this.#bytes += publication.payload.length;
    return victims;
  }

  /** The next publication to go; stays until `shift`. */
  peek(): Publication | undefined {
    return this.#high[0] ?? this.#medium[0] ?? this.#low[0];
  }

  /** Takes these out again, wherever they wait. Answers those that were there. */
  withdraw(tokens: ReadonlySet<number>): Publication[] {
    const withdrawn: Publication[] = [];
    for (const queue of [this.#high, this.#medium, this.#low])
      for (let index = queue.length - 1; index >= 0; index--)
        if (tokens.has((queue[index] as Publication).token)) withdrawn.push(...queue.splice(index, 1));
    for (const { payload } of withdrawn) this.#bytes -= payload.length;
    return withdrawn;
  }

  shift(): void {
    const first = this.peek();
    if (first !== undefined) this.#remove(first);
  }

  #chooseVictims(newcomer: Publication): Publication[] | null {
    let messages = this.length + 1;
    let bytes = this.#bytes + newcomer.payload.length;
    const victims: Publication[] = [];
    while (messages > this.#limits.queuedMessages || bytes > this.#limits.queuedBytes) {
      const victim =
        this.#low[victims.length] ??
        (newcomer.priority === "HIGH" ? this.#medium[victims.length - this.#low.length] : undefined);
      if (victim === undefined) return null;
      victims.push(victim);
      messages -= 1;
      bytes -= victim.payload.length;
    }
    return victims;
  }

  /** It is the first of its queue: victims are chosen oldest first, and so is what goes out. */
  #remove(publication: Publication): void {
    this.#queueOf(publication.priority).shift();
    this.#bytes -= publication.payload.length;
  }

  #queueOf(priority: PublishPriority): Publication[] {
    return priority === "HIGH" ? this.#high : priority === "MEDIUM" ? this.#medium : this.#low;
  }
}
