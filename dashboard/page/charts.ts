// The two charts of a node: three voltages, and frequency. Where nothing was measured the line stops; where the frequency
// was invalid the time is shaded and says so.

import { drawLimits, invalidSpans, labelInvalid, type Span, shadeInvalid } from "dashboard/page/chart-marks";
import { element } from "dashboard/page/dom";
import { gapSeconds, historySeconds } from "dashboard/page/limits";
import { type NodeRecord, presentSeconds } from "dashboard/page/node-record";
import type { Quantity, Series } from "dashboard/page/series";
import type { Theme } from "dashboard/page/theme";
import uPlot from "uplot";

const heightPixels = 210;

/** Shown at least, so that the first readings of a node do not fill the whole width. */
const leastSeconds = 60;

interface Columns {
  readonly seconds: number[];
  readonly values: readonly (number | null)[][];
}

export interface ChartOptions {
  readonly title: string;
  readonly unit: string;
  readonly quantities: readonly Quantity[];
  readonly decimals: number;
  /** The smallest span shown, so that noise does not fill the chart. */
  readonly leastSpan: number;
  /** Beyond these an event is under way; drawn as dashed lines where they are in sight. */
  readonly limits: readonly number[];
  /** Values are divided by this before they are shown. */
  readonly scale: number;
}

export class Chart {
  readonly #box = element("div");
  readonly #options: ChartOptions;
  #plot: uPlot | null = null;
  #themeVersion = 0;
  #invalid: readonly Span[] = [];

  constructor(box: HTMLElement, options: ChartOptions) {
    box.append(element("h2", {}, options.title), this.#box);
    this.#options = options;
  }

  draw(node: NodeRecord, nowMillis: number, theme: Theme): void {
    if (this.#plot === null || this.#themeVersion !== theme.version) this.#make(theme);
    const plot = this.#plot;
    if (plot === null) return;
    const width = this.#box.clientWidth;
    if (width > 0 && width !== plot.width) plot.setSize({ width, height: heightPixels });
    const until = presentSeconds(node, nowMillis);
    const shownSeconds = Math.min(historySeconds, Math.max(leastSeconds, until - node.series.seconds(0)));
    this.#invalid = this.#options.quantities.includes("f") ? invalidSpans(node.series) : [];
    plot.batch(() => {
      plot.setData(this.#columns(node.series), false);
      plot.setScale("x", { min: until - shownSeconds, max: until });
    });
  }

  destroy(): void {
    this.#plot?.destroy();
    this.#plot = null;
  }

  #columns(series: Series): uPlot.AlignedData {
    const { quantities, scale } = this.#options;
    const columns: Columns = { seconds: [], values: quantities.map(() => []) };
    let previous = Number.POSITIVE_INFINITY;
    for (let index = 0; index < series.length; index += 1) {
      const seconds = series.seconds(index);
      if (seconds - previous > gapSeconds) this.#append(columns, previous + 1, () => null);
      this.#append(columns, seconds, (quantity) => measured(series.value(quantity, index), scale));
      previous = seconds;
    }
    return [columns.seconds, ...columns.values];
  }

  #append(columns: Columns, seconds: number, value: (quantity: Quantity) => number | null): void {
    columns.seconds.push(seconds);
    for (const [index, quantity] of this.#options.quantities.entries()) columns.values[index]?.push(value(quantity));
  }

  #make(theme: Theme): void {
    this.#plot?.destroy();
    this.#themeVersion = theme.version;
    this.#plot = new uPlot(this.#plotOptions(theme), [[]], this.#box);
  }

  #plotOptions(theme: Theme): uPlot.Options {
    const { unit, quantities, decimals, leastSpan } = this.#options;
    const { colours } = theme;
    const font = '11px system-ui, "Segoe UI", sans-serif';
    const line = {
      stroke: colours.text,
      font,
      ticks: { stroke: colours.grid, size: 4 },
      grid: { stroke: colours.grid, width: 1 },
    };
    const shown = (_plot: uPlot, value: number | null): string =>
      value === null ? "–" : `${value.toFixed(decimals)} ${unit}`;
    return {
      width: Math.max(200, this.#box.clientWidth),
      height: heightPixels,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC"),
      cursor: { sync: { key: "node" }, drag: { x: false, y: false } },
      scales: { x: { time: true }, y: { range: (_plot, low, high) => around(low, high, leastSpan) } },
      axes: [
        { ...line, values: "{HH}:{mm}:{ss}", space: 80, size: 32 },
        { ...line, size: 56 },
      ],
      series: [
        { label: "Time", value: "{HH}:{mm}:{ss} UTC" },
        ...quantities.map((quantity) => ({
          label: quantity === "f" ? "f" : quantity.toUpperCase(),
          stroke: colours[quantity],
          width: 1.5,
          points: { show: false },
          value: shown,
        })),
      ],
      hooks: {
        drawClear: [(plot) => shadeInvalid(plot, this.#invalid, theme)],
        draw: [
          (plot) => drawLimits(plot, this.#options.limits, theme),
          (plot) => labelInvalid(plot, this.#invalid, theme),
        ],
      },
    };
  }
}

function measured(value: number, scale: number): number | null {
  return Number.isNaN(value) ? null : value / scale;
}

function around(low: number | null, high: number | null, leastSpan: number): [number, number] {
  if (low === null || high === null) return [0, 1];
  const padding = Math.max((high - low) * 0.06, (leastSpan - (high - low)) / 2, 0);
  return [low - padding, high + padding];
}
