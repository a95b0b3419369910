import { meanAndInterval } from '@kd/metrics';
import type { NetworkKey, RunResults, SeedResults } from '../results.ts';
import { formatMeanCount } from './format.ts';

export interface Verdict {
  /** Did the student make fewer errors than its scratch twin? */
  beaten: boolean;
  /** What may be said, in one plain sentence. */
  sentence: string;
}

/** A convention, not a law: at most one in twenty such differences arises by chance. */
const SIGNIFICANT = 0.05;

function errorsOf({ networks }: SeedResults, key: NetworkKey): number | undefined {
  return networks.find((network) => network.key === key)?.test.errors;
}

function ofOneSeed(gain: number, pValue: number | undefined): string {
  const byChance =
    pValue === undefined
      ? ''
      : pValue < SIGNIFICANT
        ? ', by more than chance explains'
        : ', but chance alone can make a difference of this size';
  if (gain > 0) {
    const surely = pValue === undefined || pValue < SIGNIFICANT;
    return `The distilled student ${surely ? 'beats' : 'makes fewer errors than'} its twin trained from labels${byChance}.`;
  }
  if (gain === 0) return 'The distilled student did not beat its twin trained from labels: both make as many errors.';
  return `The distilled student did not beat its twin trained from labels: it makes more errors${byChance}.`;
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
export function verdictOf({ seeds }: RunResults): Verdict | undefined {
  const gains = seeds.flatMap((seed) => {
    const [student, scratch] = [errorsOf(seed, 'student'), errorsOf(seed, 'scratch')];
    return student === undefined || scratch === undefined ? [] : [scratch - student];
  });
  const [first] = gains;
  if (first === undefined) return undefined;
  if (gains.length > 1) {
    return { beaten: meanAndInterval(gains).low > 0, sentence: ofManySeeds(gains) };
  }
  const comparison = seeds[0]!.comparisons.find(({ a, b }) => [a, b].includes('student') && [a, b].includes('scratch'));
  return { beaten: first > 0, sentence: ofOneSeed(first, comparison?.pValue) };
}
