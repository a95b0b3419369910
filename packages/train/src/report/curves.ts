import type { Curve } from './curve-figure.ts';
import { accuracyTicks, lossTicks } from './curve-ticks.ts';
import { formatNumber, formatPercent, formatPercentTick } from './format.ts';

/** What is drawn: the lines, and what says which is which. */
export type CurveLines = Pick<Curve, 'series' | 'legend'>;

/**
 * Cross-entropy by epoch, on a logarithmic axis.
 *
 * @example
 * import { html, lossCurve } from '@kd/train/report';
 * const student = { name: 'Student', color: 'teal', shape: 'circle', values: [0.9, 0.4] } as const;
 * console.log(lossCurve({ series: [student], legend: html`` }).label); // loss (log scale)
 */
export const lossCurve = (lines: CurveLines): Curve => ({
  title: 'Loss',
  note: 'Cross-entropy with the labels; lower is better.',
  label: 'loss (log scale)',
  ticks: lossTicks,
  logarithmic: true,
  format: formatNumber,
  ...lines,
});

/**
 * Accuracy by epoch.
 *
 * @example
 * import { accuracyCurve, html } from '@kd/train/report';
 * const student = { name: 'Student', color: 'teal', shape: 'circle', values: [0.81, 0.9] } as const;
 * console.log(accuracyCurve({ series: [student], legend: html`` }).format(0.9)); // 90.00%
 */
export const accuracyCurve = (lines: CurveLines): Curve => ({
  title: 'Accuracy',
  note: 'Share of images classified right; higher is better.',
  label: 'accuracy',
  ticks: accuracyTicks,
  logarithmic: false,
  format: formatPercent,
  formatTick: formatPercentTick,
  ...lines,
});
