import type { ArmRow } from './compare-arms.ts';
import { formatP, formatter, type Metric } from './metric.ts';
import type { PairTest } from './pair-test.ts';

const count = (of: number, one: string): string => `${of.toLocaleString('en-US')} ${one}${of === 1 ? '' : 's'}`;

/** `3 seeds and 10,000 images`. */
function extent({ seeds, images }: PairTest): string {
  const runs = count(seeds.length, 'seed');
  return images === undefined ? runs : `${runs} and ${count(images, 'image')}`;
}

/** `+0.62 points [+0.20, +1.04]`. */
export function formatDifference({ difference, low, high }: PairTest, metric: Metric): string {
  const { difference: signed, unit } = formatter(metric);
  if (Number.isNaN(difference)) return '–';
  return `${signed(difference)}${unit}${Number.isNaN(low) ? '' : ` [${signed(low)}, ${signed(high)}]`}`;
}

/** How small a difference would not have been seen. */
export function formatDetectable({ detectable }: PairTest, metric: Metric): string {
  const { difference, unit } = formatter(metric);
  return Number.isFinite(detectable) ? `${difference(detectable).slice(1)}${unit}` : '–';
}

/**
 * What may be said about one arm and the baseline. That one beats the other only if that is more than chance; else, how
 * large a difference would have been found.
 */
export function tellPair({ arm, test }: ArmRow, baseline: string, metric: Metric): string {
  if (!test || test.seeds.length === 0) return `${arm} and ${baseline} have no seed in common: nothing can be said.`;
  const figures = formatDifference(test, metric);
  if (test.over === 'none') {
    return `${arm} against ${baseline}: ${figures} in one run each. That may be chance; run more seeds, or return predictions.`;
  }
  const detail = `${figures}, ${formatP(test.adjustedPValue)}, ${extent(test)}`;
  const limits = { seeds: ' on these images', images: ' in these two runs', 'seeds and images': '' }[test.over];
  if (test.verdict === 'better') return `${arm} beats ${baseline}${limits} (${detail}).`;
  if (test.verdict === 'worse') return `${arm} is beaten by ${baseline}${limits} (${detail}).`;
  return (
    `${arm} and ${baseline} cannot be told apart${limits} (${detail}); ` +
    `a difference of ${formatDetectable(test, metric)} would be found in four of five such experiments.`
  );
}

/** How the tests were made, for the foot of a table. */
export function tellMethod(tests: readonly PairTest[], correction: string): string[] {
  const kinds = new Set(tests.map(({ over }) => over));
  return [
    "Intervals are 95 % ones: of a mean over seeds Student's t; of one run's accuracy over its images Wilson's.",
    ...(kinds.has('seeds and images')
      ? ["Tests: Clark's min F' over seeds and images together, for other seeds and other images of the same kind."]
      : []),
    ...(kinds.has('seeds') ? ['Tests over seeds: paired t-test; they speak of other seeds on the same images.'] : []),
    ...(kinds.has('images')
      ? ["Tests over images: McNemar's, exact; they speak of these trained networks, not of other seeds."]
      : []),
    ...(tests.length > 1 ? [correction] : []),
    'Detectable: the true difference that is found, at p < .05 before any correction, in four of five such experiments.',
  ];
}
