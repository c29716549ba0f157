// A small line without axes: the shape of the last two minutes. Where nothing was measured there is no line.

import { gapSeconds } from "dashboard/page/limits";
import type { Quantity, Series } from "dashboard/page/series";

export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface SparkOptions {
  readonly quantity: Quantity;
  /** Right and left edge, in seconds of the node's own time. */
  readonly untilSeconds: number;
  readonly spanSeconds: number;
  /** Always visible, so that noise does not look like a collapse; values beyond it widen it. */
  readonly normal: Range | null;
  readonly colour: string;
}

const paddingPixels = 2;

export class Sparkline {
  readonly root: HTMLCanvasElement;
  readonly #width: number;
  readonly #height: number;

  constructor(widthPixels: number, heightPixels: number) {
    this.root = document.createElement("canvas");
    this.root.className = "spark";
    // The numbers beside it say the same; a reader that cannot see it loses nothing.
    this.root.setAttribute("aria-hidden", "true");
    this.#width = widthPixels;
    this.#height = heightPixels;
  }

  draw(series: Series, options: SparkOptions): void {
    const context = this.#cleared();
    if (context === null) return;
    const { quantity, untilSeconds, spanSeconds } = options;
    const first = series.from(untilSeconds - spanSeconds);
    const range = rangeOf(series, quantity, first, options.normal);
    const heightScale = (this.#height - 2 * paddingPixels) / (range.high - range.low);
    const widthScale = this.#width / spanSeconds;
    context.strokeStyle = options.colour;
    context.beginPath();
    let previous = Number.NEGATIVE_INFINITY;
    for (let index = first; index < series.length; index += 1) {
      const value = series.value(quantity, index);
      if (Number.isNaN(value)) continue;
      const seconds = series.seconds(index);
      const x = this.#width - (untilSeconds - seconds) * widthScale;
      const y = this.#height - paddingPixels - (value - range.low) * heightScale;
      if (seconds - previous > gapSeconds) context.moveTo(x - 0.75, y);
      context.lineTo(x, y);
      previous = seconds;
    }
    context.stroke();
  }

  /** Sized for the screen's pixels, which change when the window moves to another screen. */
  #cleared(): CanvasRenderingContext2D | null {
    const ratio = window.devicePixelRatio;
    const context = this.root.getContext("2d");
    if (context === null) return null;
    if (this.root.width !== Math.round(this.#width * ratio)) {
      this.root.width = Math.round(this.#width * ratio);
      this.root.height = Math.round(this.#height * ratio);
      this.root.style.width = `${this.#width}px`;
      this.root.style.height = `${this.#height}px`;
      context.scale(ratio, ratio);
      context.lineWidth = 1.25;
      context.lineJoin = "round";
    } else context.clearRect(0, 0, this.#width, this.#height);
    return context;
  }
}

function rangeOf(series: Series, quantity: Quantity, first: number, normal: Range | null): Range {
  let low = normal?.low ?? Number.POSITIVE_INFINITY;
  let high = normal?.high ?? Number.NEGATIVE_INFINITY;
  for (let index = first; index < series.length; index += 1) {
    const value = series.value(quantity, index);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high > low ? { low, high } : { low: low - 1, high: low + 1 };
}
