import {
  accuracyCurve,
  type Curve,
  curveFigure,
  curveSvg,
  formatNumber,
  type Html,
  html,
  type LineSeries,
  legend,
  logarithmicTicks,
  lossCurve,
  niceTicks,
  rateTicks,
  section,
} from '@kd/train/report';
import type { NetworkResult, RunResults } from '../../results.ts';
import { NETWORK_STYLES } from '../networks.ts';

/** One metric by epoch; NaN where an epoch lacks it. */
function metric({ history }: NetworkResult, name: string): number[] {
  return history.map((epoch) => (typeof epoch[name] === 'number' ? epoch[name] : Number.NaN));
}

function seriesOf(network: NetworkResult, name: string, what: string, options: Partial<LineSeries> = {}): LineSeries {
  const { name: who, color, shape } = NETWORK_STYLES[network.key];
  return { name: `${who}${what && `, ${what}`}`, color, shape, values: metric(network, name), ...options };
}

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

/** Validation accuracy of each network by epoch, as a file for a README; nothing where all were loaded. */
export function accuracySvg({ seeds }: RunResults): string | undefined {
  const networks = (seeds[0]?.networks ?? []).filter(({ history }) => history.length > 0);
  if (networks.length === 0) return undefined;
  const series = networks.map((network) => seriesOf(network, 'eval_accuracy', '', { marked: false }));
  return curveSvg(accuracyCurve({ series, legend: html`` }));
}

/** How each network learned. */
export function curves({ seeds, dataset, config }: RunResults): Html {
  const networks = (seeds[0]?.networks ?? []).filter(({ history }) => history.length > 0);
  if (networks.length === 0) return html``;
  const styles = networks.map(({ key }) => NETWORK_STYLES[key]);
  const student = networks.find(({ key }) => key === 'student');
  const validation = dataset.validationIsTest ? 'validation (the test images)' : 'validation';
  const pairLegend = legend({ networks: styles, solid: validation, dashed: 'training', kept: true });
  const loss = lossCurve({
    // The student minimises something else, which has no place on this axis; its cross-entropy has.
    series: networks.flatMap((network) =>
      pair(network, network.key === 'student' ? 'train_hard_loss' : 'train_loss', 'eval_loss'),
    ),
    legend: pairLegend,
  });
  const accuracy = accuracyCurve({
    series: networks.flatMap((network) => pair(network, 'train_accuracy', 'eval_accuracy')),
    legend: pairLegend,
  });
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
    legend: legend({ networks: styles, kept: true }),
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
    legend: legend({ networks: [NETWORK_STYLES.student], solid: 'whole objective', dashed: 'soft loss' }),
    ticks: logarithmicTicks,
    logarithmic: true,
    format: formatNumber,
  };
  return section(
    'How they learned',
    html`<p class="muted">${seeds.length > 1 && `Seed ${seeds[0]!.seed}, the first of ${seeds.length}. `}Point at a chart to read an epoch’s numbers.</p>
<div class="plots">${[loss, accuracy, rate, objective].map((curve) => curveFigure(curve))}</div>`,
  );
}
