import type { LogEntry } from '../../../loop/train-result.ts';
import { niceTicks } from '../../axis.ts';
import { type Curve, curveFigure } from '../../curve-figure.ts';
import { logarithmicTicks, rateTicks } from '../../curve-ticks.ts';
import { accuracyCurve, lossCurve } from '../../curves.ts';
import { formatNumber } from '../../format.ts';
import { type Html, html } from '../../html.ts';
import { legend } from '../../legend.ts';
import type { LineSeries } from '../../line-chart.ts';
import { section } from '../../section.ts';
import { BASELINE, inWords, STUDENT } from '../network-styles.ts';
import type { RunReport } from '../run-report.ts';

/** Everything else of an epoch is no loss that the objective is made of. */
const NO_PARTS = ['train_loss', 'train_accuracy', 'train_samples_per_second'];
/** Have a chart of their own, or are no measure of quality. */
const NO_SCORES = /^eval_(loss|accuracy|runtime|.*_per_second)$/;

type Values = Readonly<Record<string, number | boolean>>;

const numberOf = (values: Values, name: string): number => {
  const value = values[name];
  return typeof value === 'number' ? value : Number.NaN;
};

function byEpoch(entries: readonly Values[], name: string): Pick<LineSeries, 'values' | 'at'> {
  return { values: entries.map((entry) => numberOf(entry, name)), at: entries.map(({ epoch }) => Number(epoch)) };
}

/** Names that entries have, in the order in which they come up. */
const namesIn = (entries: readonly Values[]): string[] => [...new Set(entries.flatMap(Object.keys))];

/** Dashed, like the trained network's training, and under it. */
function pair(report: RunReport, trainName: string, evalName: string): LineSeries[] {
  const { studentName, keptEpoch, history, evaluations, baseline } = report;
  const kept = keptEpoch === undefined ? {} : { keptEpoch };
  return [
    { ...STUDENT, name: `${studentName}, training`, ...byEpoch(history, trainName), dashed: true, width: 1.5 },
    ...(baseline?.history
      ? [{ ...BASELINE, name: `${baseline.name}, validation`, ...byEpoch(baseline.history, evalName) }]
      : []),
    { ...STUDENT, name: `${studentName}, validation`, ...byEpoch(evaluations, evalName), ...kept },
  ];
}

/** How the network learned. */
export function learningCurves(report: RunReport): Html | false {
  const { history, evaluations, baseline, studentName, rates, keptEpoch } = report;
  if (history.length === 0 && evaluations.length === 0) return false;
  const parts = namesIn(history).filter((name) => name.startsWith('train_') && !NO_PARTS.includes(name));
  const hard = parts.find((name) => name === 'train_hard_loss');
  const networks = [
    { ...STUDENT, name: studentName },
    ...(baseline?.history ? [{ ...BASELINE, name: baseline.name }] : []),
  ];
  const pairLegend = legend({ networks, solid: 'validation', dashed: 'training', kept: keptEpoch !== undefined });
  // A distilled network minimises something else, which has no place on this axis; its cross-entropy has.
  const trainLoss = hard ?? (parts.length > 0 ? '' : 'train_loss');
  const loss = lossCurve({ series: pair(report, trainLoss, 'eval_loss'), legend: pairLegend });
  const accuracy = accuracyCurve({ series: pair(report, 'train_accuracy', 'eval_accuracy'), legend: pairLegend });
  const curves = [loss, accuracy, objective(report, parts), rate(rates), ...scores(evaluations, studentName)];
  return section(
    'Learning curves',
    html`<p class="muted">Point at a chart to read an epoch’s numbers; all of them stand in the table at the end.</p>
<div class="plots">${curves.map((curve) => curve && curveFigure(curve))}</div>`,
  );
}

const PART_COLORS = ['var(--teacher)', 'var(--baseline)', 'var(--other)', 'var(--muted)'];
const PART_SHAPES = ['circle', 'square', 'diamond', 'triangle'] as const;

/** What is minimised, and the parts that it is made of. */
function objective({ history, studentName }: RunReport, parts: readonly string[]): Curve | false {
  if (parts.length === 0) return false;
  const styles = [
    { ...STUDENT, name: 'all of it' },
    ...parts.map((part, i) => ({
      name: part.slice('train_'.length).replaceAll('_', ' '),
      color: PART_COLORS[i % PART_COLORS.length]!,
      shape: PART_SHAPES[i % PART_SHAPES.length]!,
    })),
  ];
  return {
    title: `What ${inWords({ studentName })} minimises`,
    note: 'The objective and its parts in training, before their weights.',
    series: ['train_loss', ...parts].map((name, i) => ({ ...styles[i]!, ...byEpoch(history, name) })).reverse(),
    label: 'loss (log scale)',
    legend: legend({ networks: styles }),
    ticks: logarithmicTicks,
    logarithmic: true,
    format: formatNumber,
  };
}

function rate(rates: RunReport['rates']): Curve {
  const values = rates.map(({ learningRate }) => learningRate);
  const positive = values.filter((value) => value > 0);
  // A plateau schedule falls by powers of ten; the others would fall off the edge of such an axis.
  const steps = new Set(positive.map((value) => value.toPrecision(3))).size;
  const logarithmic = steps > 1 && steps <= 8 && Math.max(...positive) / Math.min(...positive) > 5;
  return {
    title: 'Learning rate',
    note: 'After each step.',
    series: [{ ...STUDENT, name: 'Learning rate', values, at: rates.map(({ epoch }) => epoch), marked: false }],
    label: logarithmic ? 'rate (log scale)' : 'rate',
    legend: html``,
    ticks: logarithmic ? rateTicks : (all) => niceTicks(0, Math.max(...all)),
    logarithmic,
    format: formatNumber,
  };
}

/** Other scores of the evaluations, such as F1: a chart for each. */
function scores(evaluations: readonly LogEntry[], studentName: string): Curve[] {
  const names = namesIn(evaluations).filter((name) => name.startsWith('eval_') && !NO_SCORES.test(name));
  return names.map((name) => ({
    title: name.slice('eval_'.length).replaceAll('_', ' '),
    note: 'On the validation images.',
    series: [{ ...STUDENT, name: studentName, ...byEpoch(evaluations, name) }],
    label: name,
    legend: html``,
    ticks: (values) => niceTicks(Math.min(...values), Math.max(...values)),
    logarithmic: false,
    format: formatNumber,
  }));
}
