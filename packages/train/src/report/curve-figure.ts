import { type Html, html } from './html.ts';
import { type LineSeries, lineChart } from './line-chart.ts';

/** One chart of the training curves, and how to read it. */
export interface Curve {
  title: string;
  note: string;
  /** In their order: the first lie under the last. */
  series: LineSeries[];
  label: string;
  legend: Html;
  /** Of the values that are there. */
  ticks: (values: readonly number[], series: readonly LineSeries[]) => readonly number[];
  logarithmic: boolean;
  format: (value: number) => string;
  /** @default format */
  formatTick?: (value: number) => string;
}

/** 'Teacher, validation from 0.12 to 0.071', for each line. */
function summaryOf(title: string, series: readonly LineSeries[], format: (value: number) => string): string {
  const lines = series.map(({ name, values }) => {
    const known = values.filter(Number.isFinite);
    return `${name} from ${format(known[0]!)} to ${format(known.at(-1)!)}`;
  });
  return `${title} by epoch: ${lines.join('; ')}.`;
}

/**
 * A chart of values by epoch, one line a series, with its title and legend; nothing where no series has a finite value.
 *
 * @example
 * import { curveFigure, html, lossCurve, page } from '@kd/train/report';
 * const student = { name: 'Student', color: 'var(--student)', shape: 'triangle', values: [0.9, 0.4, 0.3] } as const;
 * const figure = curveFigure(lossCurve({ series: [student], legend: html`` }));
 * console.log(/aria-label="([^"]*)"/.exec(page('Run', figure).markup)?.[1]); // Loss by epoch: Student from 0.9 to 0.3.
 */
export function curveFigure(curve: Curve): Html {
  const { title, note, series, ticks, legend: key, format, formatTick = format } = curve;
  const shown = series.filter(({ values }) => values.some(Number.isFinite));
  if (shown.length === 0) return html``;
  const values = shown.flatMap((line) => line.values.filter(Number.isFinite));
  const [low = Number.NEGATIVE_INFINITY] = ticks(values, shown);
  const leaves = values.some((value) => value < low);
  return html`<figure class="plot"><figcaption><strong>${title}</strong> <span class="muted">${note}${leaves && ` What lies below ${formatTick(low)} leaves the chart.`}</span></figcaption>
${key}${curveChart(curve)}</figure>`;
}

/** The chart alone. At least one series must have a finite value. */
export function curveChart({ title, series, ticks, ...options }: Curve): Html {
  const shown = series.filter(({ values }) => values.some(Number.isFinite));
  const values = shown.flatMap((line) => line.values.filter(Number.isFinite));
  const summary = summaryOf(title, shown, options.format);
  return lineChart({ ...options, series: shown, ticks: ticks(values, shown), summary });
}
