import { type HeatField, heatMap } from '../report/heat-map.ts';
import { type Html, html } from '../report/html.ts';
import { page } from '../report/page.ts';
import { scrolling, section } from '../report/section.ts';
import { formatMean } from './comparison.ts';
import { type Grid, type GridPoint, gridPoints, pointName } from './grid.ts';
import { formatP, formatter, type Metric } from './metric.ts';
import { markOf, type SweepPoint, type SweepResult } from './sweep-result.ts';
import { formatDifference } from './tell.ts';

/** A page with the heat map of a sweep, complete in itself. */
export function sweepPage(result: SweepResult): string {
  const { grid, points, sentence, metric: name, mode, failures } = result;
  const metric: Metric = { name, mode };
  const content = html`<h1>Sweep over ${Object.keys(grid).join(', ')}</h1>
<p class="result">${sentence}</p>
<ul class="legend"><li>deeper is better</li><li><svg class="swatch" viewBox="0 0 14 14" aria-hidden="true"><rect class="heat best" x="2" y="2" width="10" height="10" style="--share:1"/></svg>best</li><li><svg class="swatch" viewBox="0 0 14 14" aria-hidden="true"><rect class="heat tied" x="2" y="2" width="10" height="10" style="--share:0.6"/></svg>cannot be told from the best (p ≥ .05, Holm)</li></ul>
<div class="maps">${panels(result, metric)}</div>
${section('All combinations', scrolling('All combinations', table(points, metric)))}
${
  failures.length > 0 &&
  section(
    'Failed',
    html`<ul>${failures.map(({ arm, seed, reason }) => html`<li>${arm}, seed ${seed}: ${reason.split('\n')[0]}</li>`)}</ul>`,
  )
}<p class="muted">The best was chosen by these figures, so its own flatters: measure it anew, on images that had no say. Intervals are 95 % ones.</p>
`;
  return page(`Sweep: ${name}`, content).markup;
}

/** The first two options span a map; of more there is one map for each combination of the rest. */
function panels({ grid, points }: SweepResult, metric: Metric): Html[] {
  const names = Object.keys(grid);
  // With one option alone, a single row.
  const [rowName, columnName] = names.length === 1 ? [undefined, names[0]!] : [names[0]!, names[1]!];
  const rest: Grid = Object.fromEntries(names.slice(2).map((name) => [name, grid[name]!]));
  const rows = rowName === undefined ? [undefined] : grid[rowName]!;
  const columns = grid[columnName]!;
  const share = shares(points, metric);
  return (names.length > 2 ? gridPoints('sweep', rest) : [{}]).map((panel: GridPoint) => {
    const fields = rows.map((row) =>
      columns.map((column) => {
        const wanted = { ...panel, [columnName]: column, ...(rowName === undefined ? {} : { [rowName]: row! }) };
        const found = points.find(({ point }) => names.every((name) => point[name] === wanted[name]))!;
        return fieldOf(found, share(found), metric);
      }),
    );
    const title = pointName(panel);
    return html`<figure>${title !== '' && html`<figcaption class="command-title">${title}</figcaption>`}${scrolling(
      title || 'Heat map',
      heatMap({
        label: `${metric.name} by ${names.slice(0, 2).join(' and ')}${title && `, ${title}`}; the numbers are in the table below`,
        rows: { name: rowName ?? '', values: rows.map((value) => String(value ?? '')) },
        columns: { name: columnName, values: columns.map(String) },
        fields,
      }),
    )}</figure>`;
  });
}

/** From 0 for the worst mean to 1 for the best. */
function shares(points: readonly SweepPoint[], { mode }: Metric): (point: SweepPoint) => number {
  const means = points.map(({ mean }) => mean).filter((mean) => !Number.isNaN(mean));
  const [low, high] = [Math.min(...means), Math.max(...means)];
  return ({ mean }) => {
    if (high === low) return 1;
    const share = (mean - low) / (high - low);
    return mode === 'max' ? share : 1 - share;
  };
}

function fieldOf(cell: SweepPoint, share: number, metric: Metric): HeatField {
  const title = `${pointName(cell.point)}: ${formatMean(cell, metric)}, runs: ${cell.seeds.length}`;
  if (cell.seeds.length === 0) return { text: 'failed', title };
  const { value, difference } = formatter(metric);
  const reach = (cell.high - cell.low) / 2;
  return {
    share,
    text: value(cell.mean),
    title: `${title}${cell.test ? `, ${formatP(cell.test.adjustedPValue)} against the best` : ''}`,
    ...(Number.isNaN(reach) ? {} : { detail: `±${difference(reach).slice(1)}` }),
    ...(cell.isBest ? { mark: 'best' } : cell.isTied ? { mark: 'tied' } : {}),
  };
}

function table(points: readonly SweepPoint[], metric: Metric): Html {
  const names = Object.keys(points[0]!.point);
  return html`<table class="numbers"><thead><tr>${[
    ...names,
    'runs',
    metric.name,
    'against the best',
    'p (Holm)',
    '',
  ].map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${points.map(
    (cell) =>
      html`<tr${cell.isBest && html` class="strong"`}>${Object.values(cell.point).map((value, i) => (i === 0 ? html`<th scope="row">${String(value)}</th>` : html`<td>${String(value)}</td>`))}<td>${cell.seeds.length}</td><td>${formatMean(cell, metric)}</td><td>${cell.test ? formatDifference(cell.test, metric) : '–'}</td><td>${cell.test && !Number.isNaN(cell.test.pValue) ? formatP(cell.test.adjustedPValue).replace(/^p (= )?/, '') : '–'}</td><td>${markOf(cell)}</td></tr>
`,
  )}</tbody></table>`;
}
