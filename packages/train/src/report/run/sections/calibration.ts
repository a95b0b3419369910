import { type CalibrationBin, calibrationBins, expectedCalibrationError } from '@kd/metrics';
import { niceTicks } from '../../axis.ts';
import { formatCount, formatPercent, formatPercentTick } from '../../format.ts';
import { type Html, html } from '../../html.ts';
import { legend } from '../../legend.ts';
import { marker, type NetworkStyle } from '../../marker.ts';
import { PLOT, plotFrame, svgChart } from '../../plot-frame.ts';
import { linearScale, place } from '../../scale.ts';
import { section } from '../../section.ts';
import { inWords, STUDENT, TEACHER } from '../network-styles.ts';
import type { RunReport } from '../run-report.ts';

const UNIT_TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** A network's answers by how sure it was of them. */
interface Calibrated {
  style: NetworkStyle;
  bins: CalibrationBin[];
  error: number;
}

const x = linearScale([0, 1], [PLOT.left, PLOT.right]);

const percentTick = (ticks: readonly number[], scale: (value: number) => number) => ({
  ticks,
  scale,
  format: formatPercentTick,
});

/** How right the answers of each confidence are: on the diagonal, 90 % sure means right in 90 % of the cases. */
function reliability(all: readonly Calibrated[]): Html {
  const y = linearScale([0, 1], [PLOT.bottom, PLOT.top]);
  const [first] = all as [Calibrated];
  const bars = first.bins.flatMap(({ low, high, count, accuracy }) => {
    if (count === 0) return [];
    const [left, right] = [x(low) + 1, x(high) - 1];
    return [
      html`<rect class="bin" x="${place(left)}" y="${place(y(accuracy))}" width="${place(right - left)}" height="${place(PLOT.bottom - y(accuracy))}" style="fill:${first.style.color}"/>`,
    ];
  });
  const diagonal = html`<path class="line dashed" d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}" style="stroke:var(--axis);stroke-width:1.5"/>`;
  const points = all.flatMap(({ style, bins }) =>
    bins
      .filter(({ count }) => count > 0)
      .map(({ count, confidence, accuracy }) => {
        const text = `${style.name}, ${formatCount(count)} ${count === 1 ? 'image' : 'images'}\nconfidence ${formatPercent(confidence)}\nright ${formatPercent(accuracy)}`;
        return html`<g class="point"><title>${text}</title>${marker({ x: x(confidence), y: y(accuracy), color: style.color, shape: style.shape, size: 4 })}</g>`;
      }),
  );
  const summary = `Share of right answers by confidence. ${all.map(({ style, error }) => `${style.name}: expected calibration error ${formatPercent(error)}`).join('; ')}.`;
  return svgChart(
    summary,
    plotFrame(
      { label: 'confidence', ...percentTick(UNIT_TICKS, x) },
      { label: 'share that is right', ...percentTick(UNIT_TICKS, y) },
    ),
    ...bars,
    diagonal,
    ...points,
  );
}

/** How many answers there are of each confidence, right ones below, wrong ones above. */
function histogram({ style, bins }: Calibrated): Html {
  const ticks = niceTicks(0, Math.max(...bins.map(({ count }) => count)));
  const y = linearScale([0, ticks.at(-1)!], [PLOT.bottom, PLOT.top]);
  const bars = bins.flatMap(({ low, high, count, accuracy }) => {
    if (count === 0) return [];
    const right = Math.round(count * accuracy);
    const [left, width] = [place(x(low) + 1), place(x(high) - x(low) - 2)];
    const part = (from: number, to: number, color: string): Html =>
      html`<rect x="${left}" y="${place(y(to))}" width="${width}" height="${place(y(from) - y(to))}" style="fill:${color}"/>`;
    const text = `${formatPercentTick(low)} to ${formatPercentTick(high)} sure\n${formatCount(right)} right\n${formatCount(count - right)} wrong`;
    return [
      html`<g class="point"><title>${text}</title>${part(0, right, 'var(--student)')}${part(right, count, 'var(--baseline)')}</g>`,
    ];
  });
  return svgChart(
    `${style.name}: how many answers there are of each confidence, right and wrong.`,
    plotFrame(
      { label: 'confidence', ...percentTick(UNIT_TICKS, x) },
      { label: 'images', ticks, scale: y, format: formatCount },
    ),
    ...bars,
  );
}

/** Whether a network knows how sure it may be. */
export function calibration({ answers, studentName }: RunReport): Html | false {
  if (!answers) return false;
  const { labels, logits, teacherLogits } = answers;
  const measure = (style: NetworkStyle, scores: Float32Array): Calibrated => ({
    style,
    bins: calibrationBins(scores, labels),
    error: expectedCalibrationError(scores, labels),
  });
  const all = [
    measure({ ...STUDENT, name: studentName }, logits),
    ...(teacherLogits ? [measure({ ...TEACHER, name: 'Teacher' }, teacherLogits)] : []),
  ];
  const named = all.map(({ style, error }) => ({ ...style, name: `${style.name}, ECE ${formatPercent(error)}` }));
  const counts = [
    { color: 'var(--student)', shape: 'square', name: 'right' },
    { color: 'var(--baseline)', shape: 'square', name: 'wrong' },
  ] as const;
  return section(
    'Calibration',
    html`<div class="plots"><figure class="plot"><figcaption><strong>Reliability</strong> <span class="muted">Points on the dashed line: of answers given with 80% confidence, 80% are right. Below it the network is too sure. ECE, the expected calibration error, is the mean distance.</span></figcaption>
${legend({ networks: named })}${reliability(all)}</figure>
<figure class="plot"><figcaption><strong>Confidence</strong> <span class="muted">How many answers ${inWords({ studentName })} gives of each confidence.</span></figcaption>
${legend({ networks: counts })}${histogram(all[0]!)}</figure></div>`,
  );
}
