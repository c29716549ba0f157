// What the charts show besides lines: times without a valid frequency, and the limits beyond which an event is under way.

import { gapSeconds } from "dashboard/page/limits";
import type { Series } from "dashboard/page/series";
import type { Theme } from "dashboard/page/theme";
import type uPlot from "uplot";

/** A narrower shade has no room for the word. */
const leastLabelledPixels = 42;

export interface Span {
  readonly fromSeconds: number;
  untilSeconds: number;
}

/** The times at which there was a reading and it had no frequency; a missing reading is a gap and no such time. */
export function invalidSpans(series: Series): Span[] {
  const spans: Span[] = [];
  for (let index = 0; index < series.length; index += 1) {
    if (!Number.isNaN(series.value("f", index))) continue;
    const seconds = series.seconds(index);
    const last = spans[spans.length - 1];
    if (last !== undefined && seconds - last.untilSeconds < gapSeconds) last.untilSeconds = seconds + 0.5;
    else spans.push({ fromSeconds: seconds - 0.5, untilSeconds: seconds + 0.5 });
  }
  return spans;
}

/** Under the grid, so that the grid stays readable. */
export function shadeInvalid(plot: uPlot, spans: readonly Span[], theme: Theme): void {
  const { ctx: context, bbox } = plot;
  context.fillStyle = theme.colours.invalid;
  for (const { left, right } of visible(plot, spans)) context.fillRect(left, bbox.top, right - left, bbox.height);
}

/** Over the grid, where there is room for the word. */
export function labelInvalid(plot: uPlot, spans: readonly Span[], theme: Theme): void {
  const { ctx: context, bbox } = plot;
  const ratio = window.devicePixelRatio;
  context.save();
  context.textAlign = "center";
  context.font = `${11 * ratio}px system-ui, sans-serif`;
  context.fillStyle = theme.colours.text;
  for (const { left, right } of visible(plot, spans)) {
    if (right - left < leastLabelledPixels * ratio) continue;
    context.fillText("invalid", (left + right) / 2, bbox.top + 15 * ratio);
  }
  context.restore();
}

function visible(plot: uPlot, spans: readonly Span[]): { left: number; right: number }[] {
  const { bbox } = plot;
  return spans
    .map(({ fromSeconds, untilSeconds }) => ({
      left: Math.max(bbox.left, plot.valToPos(fromSeconds, "x", true)),
      right: Math.min(bbox.left + bbox.width, plot.valToPos(untilSeconds, "x", true)),
    }))
    .filter(({ left, right }) => right > left);
}

export function drawLimits(plot: uPlot, limits: readonly number[], theme: Theme): void {
  const { ctx: context, bbox } = plot;
  const ratio = window.devicePixelRatio;
  context.save();
  context.strokeStyle = theme.colours.bad;
  context.globalAlpha = 0.5;
  context.lineWidth = ratio;
  context.setLineDash([5 * ratio, 4 * ratio]);
  context.beginPath();
  for (const limit of limits) {
    const y = Math.round(plot.valToPos(limit, "y", true));
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    context.moveTo(bbox.left, y);
    context.lineTo(bbox.left + bbox.width, y);
  }
  context.stroke();
  context.restore();
}
