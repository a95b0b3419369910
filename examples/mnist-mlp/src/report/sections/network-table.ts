import {
  formatCount,
  formatLoss,
  formatMeanCount,
  formatMeasure,
  formatPercent,
  formatSeconds,
  type Html,
  html,
  scrolling,
  section,
  swatch,
} from '@kd/train/report';
import type { NetworkResult, RunResults } from '../../results.ts';
import { NETWORK_STYLES, type NetworkRuns, networkRuns } from '../networks.ts';
import { seedValue } from '../statistics.ts';

/** '97', or '97 to 99' where seeds differ. */
function span(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? `${low}` : `${low} to ${high}`;
}

function epochsOf(runs: readonly NetworkResult[]): Html {
  const trained = runs.filter(({ history }) => history.length > 0);
  if (trained.length === 0) return html`–`;
  const kept = trained.map(({ bestEpoch, history }) => bestEpoch ?? history.length);
  return html`${span(trained.map(({ history }) => history.length))}<small>kept ${span(kept)}</small>`;
}

function row({ key, runs }: NetworkRuns): Html {
  const [first] = runs;
  if (!first) return html``;
  const trained = runs.filter(({ loaded }) => !loaded);
  const values = (value: (run: NetworkResult) => number, of = runs): number[] => of.map(value);
  const time = seedValue(
    values((run) => run.trainSeconds, trained),
    formatSeconds,
  );
  return html`<tr><th scope="row">${swatch(NETWORK_STYLES[key])} ${NETWORK_STYLES[key].name}<small>${first.label}</small></th>
<td>${formatCount(first.parameters)}</td>
<td class="strong">${seedValue(
    values(({ test }) => test.errors),
    formatCount,
    formatMeanCount,
  )}</td>
<td>${seedValue(
    values(({ test }) => test.accuracy),
    formatPercent,
  )}</td>
<td>${seedValue(
    values(({ test }) => test.loss),
    formatLoss,
  )}</td>
<td>${epochsOf(runs)}</td>
<td>${trained.length === 0 ? 'loaded' : time}</td>
<td>${seedValue(
    values((run) => run.imagesPerSecond, trained),
    formatCount,
  )}</td>
<td>${seedValue(
    values((run) => run.inferenceMsPerImage),
    formatMeasure,
  )}</td></tr>
`;
}

/** Every network in numbers. */
export function networkTable(results: RunResults): Html {
  const titles = [
    'Network',
    'Parameters',
    'Test errors',
    'Accuracy',
    'Test loss',
    'Epochs',
    'Training time',
    'Images/s in training',
    'ms per image',
  ];
  const table = html`<table class="numbers"><thead><tr>${titles.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${networkRuns(results).map(row)}</tbody></table>`;
  const seeds = results.seeds.length;
  return section(
    'The networks in numbers',
    scrolling('The networks in numbers', table),
    html`<p class="muted">${seeds > 1 && `Mean of ${seeds} seeds; ± is the 95% interval of the mean. `}Errors are those on ${formatCount(results.dataset.test)} test images. “Kept” is the epoch whose weights the network has. ms per image is inference, in batches of 500.</p>`,
  );
}
