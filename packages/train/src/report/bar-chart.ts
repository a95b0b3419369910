import { type Html, html } from './html.ts';
import { place } from './scale.ts';

/** One bar, as long as its share of the cell around it. The number is printed beside it, so readers need not see it. */
export function bar(share: number, color: string): Html {
  const width = place(100 * Math.min(1, Math.max(0, share)));
  return html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="10" style="fill:${color}"/></svg>`;
}

export interface BarColumn {
  title: string;
  color: string;
  /** One for each row, in [0, 1]. */
  shares: readonly number[];
}

export interface BarChartOptions {
  caption: string;
  /** Over the row names. */
  rowTitle: string;
  rows: readonly string[];
  columns: readonly BarColumn[];
  format: (share: number) => string;
  /** The row to stress. */
  markedRow: number;
}

const MOST_CHARACTERS = 14;

/**
 * Bar charts side by side that share their rows: a table, so that it reads as one where it cannot be seen.
 *
 * @example
 * import { barCharts, formatPercent } from '@kd/train/report';
 * const chart = barCharts({
 *   caption: 'Probability of each class',
 *   rowTitle: 'Class',
 *   rows: ['cat', 'dog'],
 *   columns: [{ title: 'Teacher', color: 'var(--teacher)', shares: [0.9, 0.1] }],
 *   format: formatPercent,
 *   markedRow: 0,
 * });
 * console.log(chart.markup.includes('90.00%')); // true
 */
export function barCharts({ caption, rowTitle, rows, columns, format, markedRow }: BarChartOptions): Html {
  const cells = (row: number): Html[] =>
    columns.map(({ shares, color }) => {
      const share = shares[row] ?? 0;
      return html`<td><span class="bar-cell" style="--share:${share.toFixed(4)}">${bar(1, color)}<span class="number">${format(share)}</span></span></td>`;
    });
  // Wide enough for the names, as far as that leaves room for the bars.
  const names = Math.min(MOST_CHARACTERS, Math.max(...rows.map((name) => name.length)));
  return html`<table class="bars" style="--names:${names}"><caption class="hidden">${caption}</caption>
<thead><tr><th scope="col">${rowTitle}</th>${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows.map(
    (name, row) =>
      html`<tr${row === markedRow && html` class="marked"`}><th scope="row">${name}</th>${cells(row)}</tr>`,
  )}</tbody></table>`;
}
