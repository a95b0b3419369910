import {
  formatCompact,
  formatCount,
  formatNumber,
  formatPercent,
  formatPercentTick,
  type Html,
  html,
  type ScatterAxis,
  type ScatterPoint,
  scatterChart,
  section,
} from '@kd/train/report';
import type { NetworkResult, RunResults } from '../../results.ts';
import { NETWORK_STYLES, type NetworkRuns, networkRuns } from '../networks.ts';
import { meanOf } from '../statistics.ts';

type Measure = (run: NetworkResult) => number;

const accuracyOf: Measure = ({ test }) => test.accuracy;

function pointOf({ key, runs }: NetworkRuns, cost: Measure): ScatterPoint {
  const parts = runs.length > 1 ? runs.map((run) => ({ x: cost(run), y: accuracyOf(run) })) : [];
  return { ...NETWORK_STYLES[key], x: meanOf(runs.map(cost)), y: meanOf(runs.map(accuracyOf)), parts };
}

function figure(results: RunResults, title: string, cost: Measure, x: ScatterAxis): Html {
  const points = networkRuns(results)
    .map((runs) => pointOf(runs, cost))
    .filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
  if (points.length === 0) return html``;
  const described = points.map((point) => `${point.name} ${formatPercent(point.y)} at ${x.format(point.x)}`);
  const chart = scatterChart({
    summary: `${title}: ${described.join('; ')}.`,
    points,
    x,
    y: { label: 'test accuracy', format: formatPercent, formatTick: formatPercentTick, highest: 1 },
  });
  return html`<figure class="plot"><figcaption><strong>${title}</strong></figcaption>${chart}</figure>`;
}

/** What accuracy costs in size and in time. */
export function accuracyAgainstCost(results: RunResults): Html {
  return section(
    'What accuracy costs',
    html`<p class="muted">Up is more accurate, left is cheaper.${results.seeds.length > 1 && ' Faint points are single seeds, large ones their means.'}</p>
<div class="plots">${[
      figure(results, 'Accuracy against size', ({ parameters }) => parameters, {
        label: 'parameters',
        format: formatCount,
        formatTick: formatCompact,
      }),
      figure(results, 'Accuracy against time', ({ inferenceMsPerImage }) => inferenceMsPerImage, {
        label: 'ms per image',
        format: (value) => `${formatNumber(value)} ms`,
        formatTick: formatNumber,
      }),
    ]}</div>`,
  );
}
