import {
  formatBytes,
  formatCompact,
  formatCount,
  formatLoss,
  formatMeasure,
  formatNumber,
  formatPercent,
  formatPercentTick,
} from '../../format.ts';
import { type Html, html } from '../../html.ts';
import { swatch } from '../../legend.ts';
import { type ScatterAxis, scatterChart } from '../../scatter-chart.ts';
import { scrolling, section } from '../../section.ts';
import { type StyledNetwork, styledNetworks } from '../network-styles.ts';
import type { RunReport } from '../run-report.ts';

const BYTES_OF_A_PARAMETER = 4; // float32

const shown = (value: number | undefined, format: (value: number) => string): string => format(value ?? Number.NaN);

function row(network: StyledNetwork): Html {
  const { name, accuracy, loss, parameters, msPerImage } = network;
  return html`<tr><th scope="row">${swatch(network)} ${name}</th><td class="strong">${shown(accuracy, formatPercent)}</td><td>${shown(loss, formatLoss)}</td>
<td>${shown(parameters, formatCount)}</td><td>${shown(parameters && parameters * BYTES_OF_A_PARAMETER, formatBytes)}</td><td>${shown(msPerImage, formatMeasure)}</td></tr>
`;
}

function figure(
  title: string,
  networks: readonly StyledNetwork[],
  cost: (network: StyledNetwork) => number | undefined,
  x: ScatterAxis,
): Html | false {
  // The trained network lies on top.
  const points = [...networks].reverse().flatMap(({ accuracy, ...network }) => {
    const value = cost(network);
    return accuracy === undefined || value === undefined ? [] : [{ ...network, x: value, y: accuracy, parts: [] }];
  });
  if (points.length === 0) return false;
  const described = points.map((point) => `${point.name} ${formatPercent(point.y)} at ${x.format(point.x)}`);
  const chart = scatterChart({
    summary: `${title}: ${described.join('; ')}.`,
    points,
    x,
    y: { label: 'validation accuracy', format: formatPercent, formatTick: formatPercentTick, highest: 1 },
  });
  return html`<figure class="plot"><figcaption><strong>${title}</strong></figcaption>${chart}</figure>`;
}

/** Every network in numbers, and what its accuracy costs in size and in time. */
export function networks(report: RunReport): Html | false {
  const all = styledNetworks(report);
  if (all.every(({ accuracy }) => accuracy === undefined)) return false;
  const title = 'Accuracy against size and time';
  const titles = ['Network', 'Accuracy', 'Loss', 'Parameters', 'Size in float32', 'ms per image'];
  const table = html`<table class="numbers"><thead><tr>${titles.map((each) => html`<th scope="col">${each}</th>`)}</tr></thead>
<tbody>${all.map(row)}</tbody></table>`;
  return section(
    title,
    scrolling(title, table),
    html`<p class="muted">On the validation images; – is not known. Times are of inference on this machine, in the batches of the validation, without reading images.</p>
<div class="plots">${[
      figure('Accuracy against size', all, ({ parameters }) => parameters, {
        label: 'parameters',
        format: formatCount,
        formatTick: formatCompact,
      }),
      figure('Accuracy against time', all, ({ msPerImage }) => msPerImage, {
        label: 'ms per image',
        format: (value) => `${formatNumber(value)} ms`,
        formatTick: formatNumber,
      }),
    ]}</div>`,
  );
}
