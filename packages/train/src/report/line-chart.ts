import { epochTicks } from './axis.ts';
import { type Html, html } from './html.ts';
import type { MarkerShape } from './marker.ts';
import { marker } from './marker.ts';
import { PLOT, plotFrame, svgChart } from './plot-frame.ts';
import { linearScale, logScale, place, type Scale } from './scale.ts';

export interface LineSeries {
  /** 'Teacher, validation' */
  name: string;
  color: string;
  shape: MarkerShape;
  /** One for each epoch, from 1, or for each of `at`; NaN is passed over. */
  values: readonly number[];
  /** Where in training each value is from, in epochs, rising: 1.5 is in the middle of the second. @default 1, 2, 3 … */
  at?: readonly number[];
  dashed?: boolean;
  /** @default 2 */
  width?: number;
  /** A point for each epoch, if there are few. @default true */
  marked?: boolean;
  /** Epoch whose weights were kept. */
  keptEpoch?: number;
}

export interface LineChartOptions {
  /** What the chart shows, in words, for those who cannot see it. */
  summary: string;
  series: readonly LineSeries[];
  /** From the bottom to the top of the chart. */
  ticks: readonly number[];
  /** @default false */
  logarithmic?: boolean;
  label: string;
  format: (value: number) => string;
  /** At the axis, where there is less room. @default format */
  formatTick?: (value: number) => string;
}

// An inner SVG cuts off lines below the axis. Wider than the plot, so that thick ones keep their round ends.
const CLIP_BOX = `${PLOT.left - 10} 0 ${PLOT.right - PLOT.left + 20} ${PLOT.bottom}`;
const [CLIP_X, CLIP_Y, CLIP_WIDTH, CLIP_HEIGHT] = CLIP_BOX.split(' ');
const CLIP = html`x="${CLIP_X}" y="${CLIP_Y}" width="${CLIP_WIDTH}" height="${CLIP_HEIGHT}" viewBox="${CLIP_BOX}"`;

/** Above this many epochs the lines show the points well enough. */
const MOST_MARKED = 15;

interface Point {
  epoch: number;
  x: number;
  y: number;
}

function pointsOf({ values, at }: LineSeries, x: Scale, y: Scale): Point[] {
  return values.flatMap((value, i) => {
    const epoch = at?.[i] ?? i + 1;
    return Number.isFinite(value) ? [{ epoch, x: x(epoch), y: y(value) }] : [];
  });
}

/** What a series had reached by the end of an epoch. */
function valueAt({ values, at }: LineSeries, epoch: number): number | undefined {
  if (!at) return values[epoch - 1];
  const last = at.filter((place) => place <= epoch + 1e-9).length - 1; // they rise
  return last >= 0 && at[last]! > epoch - 1 + 1e-9 ? values[last] : undefined;
}

function path({ color, dashed = false, width = 2 }: LineSeries, points: readonly Point[]): Html {
  const steps = points.map((point, i) => `${i === 0 ? 'M' : 'L'}${place(point.x)} ${place(point.y)}`);
  return html`<path class="line${dashed && ' dashed'}" d="${steps.join('')}" style="stroke:${color};stroke-width:${width}"/>`;
}

function marks(line: LineSeries, points: readonly Point[]): Html[] {
  const { color, shape, dashed: hollow = false, marked = true, values, keptEpoch } = line;
  const every = marked && values.length <= MOST_MARKED;
  return points
    .filter(({ y, epoch }) => y <= PLOT.bottom + 0.01 && (every || epoch === keptEpoch))
    .map(({ x, y, epoch }) => {
      const ring = html`<circle class="kept" cx="${place(x)}" cy="${place(y)}" r="7" style="stroke:${color}"/>`;
      return html`${marker({ x, y, shape, color, size: 3, hollow })}${epoch === keptEpoch && ring}`;
    });
}

/** Bands over the whole height: wherever the pointer is, its epoch's numbers show. */
function hoverBands(
  series: readonly LineSeries[],
  epochs: number,
  x: Scale,
  format: (value: number) => string,
): Html[] {
  const half = epochs > 1 ? (x(2) - x(1)) / 2 : 60;
  return Array.from({ length: epochs }, (_, i) => {
    const from = Math.max(PLOT.left, x(i + 1) - half);
    const to = Math.min(PLOT.right, x(i + 1) + half);
    const lines = series.flatMap((line) => {
      const { name, keptEpoch } = line;
      const value = valueAt(line, i + 1);
      if (value === undefined || !Number.isFinite(value)) return [];
      return [`${name}: ${format(value)}${keptEpoch === i + 1 ? ' (kept)' : ''}`];
    });
    const text = [`Epoch ${i + 1}`, ...lines].join('\n');
    return html`<rect class="band" x="${place(from)}" y="${PLOT.top}" width="${place(to - from)}" height="${PLOT.bottom - PLOT.top}"><title>${text}</title></rect>`;
  });
}

/** Values by epoch, one line a series. */
export function lineChart({
  summary,
  series,
  ticks,
  logarithmic = false,
  label,
  format,
  formatTick = format,
}: LineChartOptions): Html {
  const ends = series.map(({ values, at }) => Math.ceil((at ? (at.at(-1) ?? 0) : values.length) - 1e-9));
  const epochs = Math.max(1, ...ends);
  // Half an epoch of room beside few epochs, so that the first markers do not sit on the axis.
  const room = epochs <= MOST_MARKED ? Math.min(0.5, epochs * 0.06) : 0;
  const first = Math.min(1, ...series.flatMap(({ at }) => at?.slice(0, 1) ?? []));
  const x = linearScale([first < 1 ? 0 : 1 - room, epochs + room], [PLOT.left, PLOT.right]);
  const domain = [ticks[0] ?? 0, ticks.at(-1) ?? 1] as const;
  const y = (logarithmic ? logScale : linearScale)(domain, [PLOT.bottom, PLOT.top]);
  const drawn = series.map((line) => ({ line, points: pointsOf(line, x, y) }));
  return svgChart(
    summary,
    plotFrame(
      { label: 'epoch', ticks: epochTicks(epochs), scale: x, format: String },
      { label, ticks, scale: y, format: formatTick },
    ),
    html`<svg ${CLIP}>${drawn.map(({ line, points }) => path(line, points))}</svg>`,
    ...drawn.flatMap(({ line, points }) => marks(line, points)),
    ...hoverBands(series, epochs, x, format),
  );
}
