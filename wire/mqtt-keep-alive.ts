// When to ping, and when to give a connection up (MQTT 3.1.1, section 3.1.2.10). The broker wants to hear from us
// within the interval. We want to hear from it too: a half-open connection swallows what we send without an error, so
// silence of the broker calls for a ping as well, and half an interval without any answer ends the connection.

export class KeepAlive {
  readonly #intervalMicros: number;
  #saidMicros = 0;
  #heardMicros = 0;
  #isPingUnanswered = false;

  constructor(intervalMicros: number) {
    this.#intervalMicros = intervalMicros;
  }

  /** When to look next: `isLost` or `isPingDue` may be true then. */
  get nextMicros(): number {
    return Math.min(this.#pingMicros, this.#lostMicros);
  }

  say(nowMicros: number): void {
    this.#saidMicros = nowMicros;
  }

  hear(nowMicros: number): void {
    this.#heardMicros = nowMicros;
    this.#isPingUnanswered = false;
  }

  ping(): void {
    this.#isPingUnanswered = true;
  }

  isPingDue(nowMicros: number): boolean {
    return nowMicros >= this.#pingMicros;
  }

  isLost(nowMicros: number): boolean {
    return nowMicros >= this.#lostMicros;
  }

  get #pingMicros(): number {
    const quietSinceMicros = this.#isPingUnanswered ? this.#saidMicros : Math.min(this.#saidMicros, this.#heardMicros);
    return quietSinceMicros + this.#intervalMicros;
  }

  get #lostMicros(): number {
    return this.#heardMicros + this.#intervalMicros * 1.5;
  }
}
