import type { ArmRow } from '../../experiments/compare-arms.ts';
import { type Comparison, formatMean } from '../../experiments/comparison.ts';
import { formatP, type Metric } from '../../experiments/metric.ts';
import type { TeacherCheck } from '../../experiments/teacher-check.ts';
import { formatDetectable, formatDifference } from '../../experiments/tell.ts';
import { bar } from '../bar-chart.ts';
import { type Curve, curveFigure } from '../curve-figure.ts';
import { curveSvg } from '../curve-svg.ts';
import { accuracyCurve, lossCurve } from '../curves.ts';
import { formatPercent, formatSeconds } from '../format.ts';
import { type Html, html } from '../html.ts';
import { legend, swatch } from '../legend.ts';
import type { LineSeries } from '../line-chart.ts';
import type { NetworkStyle } from '../marker.ts';
import { page } from '../page.ts';
import { scrolling, section } from '../section.ts';

/** What one run was worth on the validation images, by epoch. */
export interface RunCurve {
  arm: string;
  accuracy: readonly number[];
  loss: readonly number[];
}

export interface StudyReport {
  title: string;
  teacher: TeacherCheck;
  comparison: Comparison;
  curves: readonly RunCurve[];
  /** Each run's page, relative to this one. */
  runs: readonly { arm: string; seed: number; href?: string }[];
}

const COLORS = ['var(--baseline)', 'var(--student)', 'var(--other)', 'var(--teacher)', 'var(--muted)'];
const SHAPES = ['square', 'triangle', 'diamond', 'circle'] as const;

/** Looks of the arms; the baseline has the first. */
function stylesOf({ rows, baseline }: Comparison): Map<string, NetworkStyle> {
  const names = rows.map(({ arm }) => arm);
  const others = names.filter((name) => name !== baseline).reverse(); // the last arm is what it is all about
  return new Map(
    [baseline, ...others].map((name, i) => [
      name,
      { name, color: COLORS[i % COLORS.length]!, shape: SHAPES[i % SHAPES.length]! },
    ]),
  );
}

/** Means over the runs of an arm, as far as all of them go. */
function mean(curves: readonly (readonly number[])[]): number[] {
  const epochs = Math.min(...curves.map(({ length }) => length));
  return Array.from(
    { length: Number.isFinite(epochs) ? epochs : 0 },
    (_, epoch) => curves.reduce((sum, values) => sum + values[epoch]!, 0) / curves.length,
  );
}

/** One line an arm. */
function curveOf(
  { comparison, curves }: StudyReport,
  styles: ReadonlyMap<string, NetworkStyle>,
  of: 'accuracy' | 'loss',
): Curve {
  const series = comparison.rows.map(({ arm }): LineSeries => {
    const runs = curves.filter((curve) => curve.arm === arm);
    return { ...styles.get(arm)!, values: mean(runs.map((run) => run[of])), marked: false };
  });
  const lines = { series, legend: legend({ networks: series }) };
  const several = comparison.rows.some(({ seeds }) => seeds.length > 1);
  return {
    ...(of === 'accuracy' ? accuracyCurve(lines) : lossCurve(lines)),
    title: `Validation ${of}`,
    note: several ? 'Mean over the seeds, after each epoch.' : 'After each epoch.',
  };
}

/** The curves of accuracy alone, as a file for a README. */
export const studyCurves = (report: StudyReport): string =>
  curveSvg(curveOf(report, stylesOf(report.comparison), 'accuracy'));

/** What it all comes to, without the figures: they stand below. */
function headline({ sentences }: Comparison): string {
  const [said = ''] = (sentences.at(-1) ?? '').split(' (');
  return said && `${said.charAt(0).toUpperCase()}${said.slice(1)}.`;
}

/** The whole of a study as one page, complete in itself. */
export function studyPage(report: StudyReport): string {
  const { title, teacher, comparison, runs } = report;
  const metric: Metric = { name: comparison.metric, mode: comparison.mode };
  const styles = stylesOf(comparison);
  const [low, high, chance] = [teacher.low, teacher.high, teacher.chance].map((share) => formatPercent(share));
  return page(title, [
    html`<h1>${title}</h1>
<p class="result">${headline(comparison)}</p>
${tiles(comparison, styles)}
<p>The teacher is right on ${formatPercent(teacher.accuracy)} of ${teacher.images} validation images (95 %: ${low} to ${high}; answering the most frequent class always: ${chance}).</p>`,
    section(
      'On the test images',
      scrolling('On the test images', table(comparison.rows, styles, metric)),
      html`<ul>${comparison.sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>
<p class="muted">Intervals are 95 % ones. Detectable: the true difference that four of five such experiments would find. Each student was asked about the test images once, at its end; epochs are chosen on validation images.</p>`,
    ),
    section(
      'How they learned',
      html`<div class="plots">${(['accuracy', 'loss'] as const).map((of) => curveFigure(curveOf(report, styles, of)))}</div>`,
    ),
    section(
      'Runs',
      html`<ul>${runs.map(({ arm, seed, href }) => {
        const name = `${arm}, seed ${seed}`;
        return html`<li>${href ? html`<a href="${href}">${name}</a>` : name}</li>`;
      })}</ul>`,
    ),
  ]).markup;
}

function tiles({ rows }: Comparison, styles: ReadonlyMap<string, NetworkStyle>): Html {
  return html`<div class="tiles">${rows
    .filter(({ mean }) => Number.isFinite(mean))
    .map(({ arm, mean, seeds }) => {
      const style = styles.get(arm)!;
      return html`<div class="tile"><p>${swatch(style)} ${arm}</p>
<p class="large">${formatPercent(mean)}</p>${bar(mean, style.color)}
<p class="muted">${seeds.length === 1 ? '1 run' : `mean of ${seeds.length} runs`}</p></div>`;
    })}</div>`;
}

function table(rows: readonly ArmRow[], styles: ReadonlyMap<string, NetworkStyle>, metric: Metric): Html {
  const head = ['arm', 'runs', 'accuracy', 'against the baseline', 'p', 'detectable', 'time a run'];
  return html`<table class="numbers"><thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => {
    const { test } = row;
    const p = test && !Number.isNaN(test.adjustedPValue) ? formatP(test.adjustedPValue).replace(/^p (= )?/, '') : '–';
    const cells = [
      String(row.seeds.length),
      formatMean(row, metric),
      test ? formatDifference(test, metric) : '–',
      p,
      test ? formatDetectable(test, metric) : '–',
      Number.isFinite(row.seconds) ? formatSeconds(row.seconds) : '–',
    ];
    return html`<tr><th scope="row">${swatch(styles.get(row.arm)!)} ${row.arm}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
  })}</tbody></table>`;
}
