// Decides when the page is drawn: in the browser's own rhythm, but only a few times a second, because a person reads no
// faster and every frame costs the same whether one message came or a thousand. A hidden page draws nothing.

import { frameMillis } from "dashboard/page/limits";

export class Frames {
  readonly #draw: () => void;
  #drawnMillis = Number.NEGATIVE_INFINITY;
  #isRequested = false;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  /** Draws now and from now on: values grow old even when nothing arrives. */
  start(): void {
    const frame = (millis: number): void => {
      requestAnimationFrame(frame);
      // The half frame of tolerance keeps the rhythm even when the browser's frames do not divide it.
      if (!this.#isRequested && millis - this.#drawnMillis < frameMillis - 8) return;
      this.#isRequested = false;
      this.#drawnMillis = millis;
      this.#draw();
    };
    requestAnimationFrame(frame);
  }

  /** Draws at the next frame: the reader did something and waits. */
  request(): void {
    this.#isRequested = true;
  }
}
