import { type Html, html } from '../../html.ts';
import { scrolling, section } from '../../section.ts';
import type { RunReport } from '../run-report.ts';

/** Settings inside of settings as 'teacher.temperature'. */
function flatten(value: unknown, name: string): [name: string, value: string][] {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  if (Array.isArray(value)) return [[name, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, each]) => flatten(each, name ? `${name}.${key}` : key));
}

/** What the run was started with. */
export function settings({ config }: RunReport): Html | false {
  const rows = flatten(config ?? {}, '');
  if (rows.length === 0) return false;
  const table = html`<table class="numbers settings"><thead><tr><th scope="col">Setting</th><th scope="col">Value</th></tr></thead>
<tbody>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody></table>`;
  return section('Settings', scrolling('Settings', table));
}
