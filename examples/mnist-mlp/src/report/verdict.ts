import { meanAndInterval } from '@kd/metrics';
import { formatMeanCount } from '@kd/train/report';
import type { NetworkKey, RunResults, SeedResults } from '../results.ts';

/** A convention, not a law: at most one in twenty such differences arises by chance. */
const SIGNIFICANT = 0.05;

function errorsOf({ networks }: SeedResults, key: NetworkKey): number | undefined {
  return networks.find((network) => network.key === key)?.test.errors;
}

// The numbers stand in the comparison's own sentence below.
function ofOneSeed(gain: number, pValue: number | undefined): string {
  if (gain <= 0) return 'The distilled student did not beat its twin trained from labels.';
  if (pValue === undefined || pValue < SIGNIFICANT) return 'The distilled student beats its twin trained from labels.';
  return 'The distilled student makes fewer errors than its twin trained from labels, but chance alone may explain that.';
}

function ofManySeeds(gains: readonly number[]): string {
  const { mean, low, high, n } = meanAndInterval(gains);
  const amount = (gain: number): string => `${formatMeanCount(Math.abs(gain))} ${gain < 0 ? 'more' : 'fewer'}`;
  const size = `${amount(mean)} errors on average over ${n} seeds`;
  const interval = `95% interval: ${amount(low)} to ${amount(high)}`;
  if (low > 0) return `The distilled student beats its twin trained from labels: ${size} (${interval}).`;
  const start = 'The distilled student did not beat its twin trained from labels';
  if (mean > 0) return `${start} beyond doubt: ${size}, but the seeds differ by as much (${interval}).`;
  if (mean === 0) return `${start}: both make as many errors on average over ${n} seeds (${interval}).`;
  return `${start}: ${size} (${interval}).`;
}

/** Student against scratch twin, as honest as the numbers allow; undefined where one of them is missing. */
export function verdictOf({ seeds }: RunResults): string | undefined {
  const gains = seeds.flatMap((seed) => {
    const [student, scratch] = [errorsOf(seed, 'student'), errorsOf(seed, 'scratch')];
    return student === undefined || scratch === undefined ? [] : [scratch - student];
  });
  const [first] = gains;
  if (first === undefined) return undefined;
  if (gains.length > 1) return ofManySeeds(gains);
  const comparison = seeds[0]!.comparisons.find(({ a, b }) => [a, b].includes('student') && [a, b].includes('scratch'));
  return ofOneSeed(first, comparison?.pValue);
}
