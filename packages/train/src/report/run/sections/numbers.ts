import { formatNumber, formatSeconds } from '../../format.ts';
import { type Html, html } from '../../html.ts';
import { scrolling, section } from '../../section.ts';
import type { RunReport } from '../run-report.ts';

const FIRST = ['epoch', 'step'];

type Row = Record<string, number | boolean>;

/** Epochs and the evaluations inside of them, by steps. */
function rowsOf({ history, evaluations }: RunReport): Row[] {
  const rows = new Map<number, Row>();
  for (const entry of [...evaluations, ...history]) rows.set(entry.step, { ...rows.get(entry.step), ...entry });
  return [...rows.values()].sort((a, b) => Number(a.step) - Number(b.step));
}

function shown(name: string, value: number | boolean | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'yes' : '';
  if (name === 'step') return String(value);
  return name.endsWith('_runtime') ? formatSeconds(value) : formatNumber(value);
}

/** Every number of every epoch, folded: for those who look closer, and those who cannot see the charts. */
export function numbers(report: RunReport): Html | false {
  const rows = rowsOf(report);
  if (rows.length === 0) return false;
  const names = [...new Set([...FIRST, ...rows.flatMap(Object.keys)])];
  const table = html`<table class="numbers"><thead><tr>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>${names.map((name, i) => {
        const text = shown(name, row[name]);
        return i === 0 ? html`<th scope="row">${text}</th>` : html`<td>${text}</td>`;
      })}</tr>
`,
  )}</tbody></table>`;
  return section(
    'Epoch by epoch',
    html`<details><summary>All numbers of all epochs</summary>${scrolling('Epoch by epoch', table)}</details>`,
  );
}
