import type { NetworkResult, RunResults } from '../../results.ts';
import { logTicks, niceTicks } from '../axis.ts';
import { formatNumber, formatPercent, formatPercentTick } from '../format.ts';
import { type Html, html } from '../html.ts';
import { legend } from '../legend.ts';
import type { LineSeries } from '../line-chart.ts';
import { NETWORK_STYLES } from '../networks.ts';
import { type Curve, curveFigure } from './curve-figure.ts';
import { section } from './section.ts';

/** One metric by epoch; NaN where an epoch lacks it. */
function metric({ history }: NetworkResult, name: string): number[] {
  return history.map((epoch) => (typeof epoch[name] === 'number' ? epoch[name] : Number.NaN));
}

function seriesOf(network: NetworkResult, name: string, what: string, options: Partial<LineSeries> = {}): LineSeries {
  const style = NETWORK_STYLES[network.key];
  const { color, marker: shape } = style;
  return { name: `${style.name}${what && `, ${what}`}`, color, shape, values: metric(network, name), ...options };
}

const finite = (series: readonly LineSeries[]): number[] =>
  series.flatMap(({ values }) => values.filter(Number.isFinite));

function keptEpochOf({ bestEpoch, history }: NetworkResult): number {
  return bestEpoch ?? history.length;
}

/** Validation solid and ringed where kept, training dashed under it. */
function pair(network: NetworkResult, trainMetric: string, evalMetric: string): LineSeries[] {
  return [
    seriesOf(network, trainMetric, 'training', { dashed: true, width: 1.5 }),
    seriesOf(network, evalMetric, 'validation', { keptEpoch: keptEpochOf(network) }),
  ];
}

/** Far below the validation losses there is nothing to compare: a training loss may fall to 1e-7 and leaves the chart. */
function lossTicks(values: readonly number[], series: readonly LineSeries[]): number[] {
  const positive = values.filter((value) => value > 0);
  const validation = finite(series.filter(({ dashed }) => !dashed)).filter((value) => value > 0);
  const floor = validation.length > 0 ? Math.min(...validation) / 10 : 0;
  const low = Math.max(Math.min(...positive), floor);
  return positive.length > 0 ? logTicks(low, Math.max(...positive)) : [0.1, 1, 10];
}

/** As for the loss: with strong dropout a training accuracy lies so low that the others would look alike. */
function accuracyTicks(values: readonly number[], series: readonly LineSeries[]): number[] {
  const [low, high] = range(values);
  const validation = finite(series.filter(({ dashed }) => !dashed)).sort((a, b) => a - b);
  const median = validation[validation.length >> 1];
  const floor = median === undefined ? low : Math.min(validation[0]!, 1 - 4 * (1 - median));
  return niceTicks(Math.max(low, floor), high).filter((tick) => tick <= 1);
}

/** Three powers of ten are enough to look at. */
function rateTicks(values: readonly number[]): number[] {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return [1e-4, 1e-3, 1e-2];
  const [low, high] = range(positive);
  return logTicks(Math.max(low, high / 1000), high);
}

const range = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)];

/** How each network learned. */
export function curves({ seeds, dataset, config }: RunResults): Html {
  const networks = (seeds[0]?.networks ?? []).filter(({ history }) => history.length > 0);
  if (networks.length === 0) return html``;
  const keys = networks.map(({ key }) => key);
  const student = networks.find(({ key }) => key === 'student');
  const validation = dataset.validationIsTest ? 'validation (the test images)' : 'validation';
  const pairLegend = legend({ networks: keys, solid: validation, dashed: 'training', kept: true });
  const loss: Curve = {
    title: 'Loss',
    note: 'Cross-entropy with the labels; lower is better.',
    // The student minimises something else, which has no place on this axis; its cross-entropy has.
    series: networks.flatMap((network) =>
      pair(network, network.key === 'student' ? 'train_hard_loss' : 'train_loss', 'eval_loss'),
    ),
    label: 'loss (log scale)',
    legend: pairLegend,
    ticks: lossTicks,
    logarithmic: true,
    format: formatNumber,
  };
  const accuracy: Curve = {
    title: 'Accuracy',
    note: 'Share of images classified right; higher is better.',
    series: networks.flatMap((network) => pair(network, 'train_accuracy', 'eval_accuracy')),
    label: 'accuracy',
    legend: pairLegend,
    ticks: accuracyTicks,
    logarithmic: false,
    format: formatPercent,
    formatTick: formatPercentTick,
  };
  // A plateau schedule falls by powers of ten; the others would fall off the edge of such an axis.
  const byPowers = [config.teacher, config.student].some(({ schedule }) => schedule === 'plateau');
  const rate: Curve = {
    title: 'Learning rate',
    note: 'At the end of each epoch; where the students’ lines coincide, one lies inside the other.',
    series: networks.map((network) =>
      seriesOf(network, 'learning_rate', '', {
        width: network.key === 'scratch' ? 5 : 2,
        marked: false,
        keptEpoch: keptEpochOf(network),
      }),
    ),
    label: byPowers ? 'rate (log scale)' : 'rate',
    legend: legend({ networks: keys, kept: true }),
    ticks: byPowers ? rateTicks : (values) => niceTicks(0, Math.max(...values)),
    logarithmic: byPowers,
    format: formatNumber,
  };
  const objective: Curve = {
    title: 'What the student minimises',
    note: 'Its soft loss, the distance to the teacher’s answers, and all of its objective.',
    series: student
      ? [
          seriesOf(student, 'train_soft_loss', 'soft loss', { dashed: true, width: 1.5 }),
          seriesOf(student, 'train_loss', 'whole objective'),
        ]
      : [],
    label: 'loss (log scale)',
    legend: legend({ networks: ['student'], solid: 'whole objective', dashed: 'soft loss' }),
    ticks: (values) => logTicks(...range(values.filter((value) => value > 0))),
    logarithmic: true,
    format: formatNumber,
  };
  return section(
    'How they learned',
    html`<p class="muted">${seeds.length > 1 && `Seed ${seeds[0]!.seed}, the first of ${seeds.length}. `}Point at a chart to read an epoch’s numbers.</p>
<div class="plots">${[loss, accuracy, rate, objective].map((curve) => curveFigure(curve))}</div>`,
  );
}
