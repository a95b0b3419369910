import { niceTicks } from './axis.ts';
import { type Html, html } from './html.ts';
import type { MarkerShape } from './marker.ts';
import { marker } from './marker.ts';
import { type Box, placeLabels } from './place-labels.ts';
import { PLOT, plotFrame, svgChart } from './plot-frame.ts';
import { linearScale, place } from './scale.ts';

export interface ScatterPoint {
  name: string;
  color: string;
  shape: MarkerShape;
  x: number;
  y: number;
  /** What it is the mean of; drawn faintly. */
  parts: readonly { x: number; y: number }[];
}

export interface ScatterAxis {
  label: string;
  format: (value: number) => string;
  formatTick: (value: number) => string;
}

export interface ScatterChartOptions {
  summary: string;
  points: readonly ScatterPoint[];
  /** Starts at 0. */
  x: ScatterAxis;
  /** Zoomed to the data. */
  y: ScatterAxis & { highest: number };
}

/**
 * Labelled points: one measure against another, such as accuracy against size. Labels are placed so that they cover no point
 * and no other label.
 *
 * @example
 * import { formatCompact, formatPercent, scatterChart } from '@kd/train/report';
 * const style = { name: 'Student', color: 'var(--student)', shape: 'triangle' } as const;
 * const chart = scatterChart({
 *   summary: 'Student: 91% at 19,090 parameters.',
 *   points: [{ ...style, x: 19_090, y: 0.91, parts: [] }],
 *   x: { label: 'parameters', format: String, formatTick: formatCompact },
 *   y: { label: 'accuracy', format: formatPercent, formatTick: formatPercent, highest: 1 },
 * });
 * console.log(chart.markup.startsWith('<svg class="chart"')); // true
 */
export function scatterChart({ summary, points, x, y }: ScatterChartOptions): Html {
  const all = points.flatMap((point) => [point, ...point.parts]);
  const xTicks = niceTicks(0, Math.max(...all.map((point) => point.x)));
  const heights = all.map((point) => point.y);
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const room = (high - low) * 0.08; // points on the edge would look cut off
  const yTicks = niceTicks(low - room, high + room);
  const yShown = yTicks.filter((tick) => tick <= y.highest);
  const xScale = linearScale([xTicks[0]!, xTicks.at(-1)!], [PLOT.left, PLOT.right]);
  const yScale = linearScale([yShown[0]!, yShown.at(-1)!], [PLOT.bottom, PLOT.top]);
  const marks: Box[] = all.map((point) => ({ x: xScale(point.x) - 6, y: yScale(point.y) - 6, width: 12, height: 12 }));
  const labels = placeLabels(
    points.map((point) => ({ x: xScale(point.x), y: yScale(point.y), text: point.name })),
    marks,
    { x: PLOT.left, y: PLOT.top, width: PLOT.right - PLOT.left, height: PLOT.bottom - PLOT.top },
  );
  const drawn = points.map(({ color, shape, ...point }, i) => {
    const parts = point.parts.map((part) =>
      marker({ x: xScale(part.x), y: yScale(part.y), shape, color, size: 3, opacity: 0.45 }),
    );
    const label = labels[i]!;
    return html`${parts}<g class="point"><title>${`${point.name}\n${x.label}: ${x.format(point.x)}\n${y.label}: ${y.format(point.y)}`}</title>
${marker({ x: xScale(point.x), y: yScale(point.y), shape, color, size: 6 })}
<text class="point-label" x="${place(label.x)}" y="${place(label.y)}" text-anchor="${label.anchor}">${point.name}</text></g>`;
  });
  const frame = plotFrame(
    { label: x.label, format: x.formatTick, ticks: xTicks, scale: xScale },
    { label: y.label, format: y.formatTick, ticks: yShown, scale: yScale },
  );
  return svgChart(summary, frame, ...drawn);
}
