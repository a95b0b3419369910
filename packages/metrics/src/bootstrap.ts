import { KdError, randomSource } from '@kd/core';
import { checkConfidence, checkInteger, checkOneOf } from './checks.ts';
import { normalQuantile, normalUpperTail } from './normal.ts';

export interface BootstrapOptions {
  /** How often such intervals hold the true value, in (0, 1). @default 0.95 */
  confidence?: number;
  /** `percentile`: quantiles of the resamples. `bca`: the same, corrected for bias and skew. @default 'bca' */
  method?: 'percentile' | 'bca';
  /** How often samples are drawn, an integer >= 2. @default 9999 */
  resamples?: number;
  /** Integer in [0, 2^53); the same seed draws the same resamples, everywhere. @default 0 */
  seed?: number;
}

export interface BootstrapInterval {
  /** The statistic of the values themselves. */
  estimate: number;
  low: number;
  high: number;
  /** Standard deviation of the statistic over the resamples. */
  standardError: number;
}

/** The statistic unless told otherwise. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** The values at some rows. */
export function take(values: ArrayLike<number>, rows: Uint32Array): Float64Array {
  const taken = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!;
  return taken;
}

/** Quantile of sorted values with linear interpolation, as numpy.quantile; NaN for NaN. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  return low + ((sorted[below + 1] ?? low) - low) * (position - below);
}

/**
 * How far apart resamples may be and still be equal. Differences of means are rounded differently in each (3/7 - 2/7 and
 * 2/7 - 1/7), and of accuracies many are equal.
 */
export function roundingOf(sorted: Float64Array): number {
  return 1e-12 * Math.max(Math.abs(sorted[0]!), Math.abs(sorted.at(-1)!));
}

/** Where BCa reads the sorted resamples in place of `tail` and `1 - tail`: Efron and Tibshirani 1993, eq. 14.10. */
function correctedShares(tail: number, estimate: number, sorted: Float64Array, leaveOneOut: Float64Array): number[] {
  const rounding = roundingOf(sorted);
  const below = sorted.filter((value) => value < estimate - rounding).length;
  const notAbove = sorted.filter((value) => value <= estimate + rounding).length;
  const bias = normalQuantile((below + notAbove) / (2 * sorted.length));
  const center = mean(leaveOneOut);
  const squares = leaveOneOut.reduce((sum, value) => sum + (center - value) ** 2, 0);
  const cubes = leaveOneOut.reduce((sum, value) => sum + (center - value) ** 3, 0);
  const acceleration = cubes / (6 * squares ** 1.5);
  return [tail, 1 - tail].map((share) => {
    const z = bias + normalQuantile(share);
    return normalUpperTail(-(bias + z / (1 - acceleration * z)));
  });
}

/**
 * Draws rows with replacement, again and again, and reads an interval off the statistic's distribution.
 *
 * @param name of the public function, for the messages
 * @param n rows
 * @param statistic of the rows with these numbers, in [0, n)
 * @returns the interval, and the statistic of every resample from low to high
 */
export function bootstrap(
  name: string,
  n: number,
  statistic: (rows: Uint32Array) => number,
  { confidence = 0.95, method = 'bca', resamples = 9999, seed = 0 }: BootstrapOptions,
): BootstrapInterval & { sorted: Float64Array } {
  if (n < 2) {
    throw new KdError('INVALID_ARGUMENT', `${name}: got ${n} values; resampling needs at least 2`, { values: n });
  }
  checkConfidence(name, confidence);
  checkOneOf(name, 'method', method, ['percentile', 'bca']);
  checkInteger(name, 'resamples', resamples, 2);
  checkInteger(name, 'seed', seed, 0, Number.MAX_SAFE_INTEGER);
  const evaluate = (rows: Uint32Array): number => {
    const value = statistic(rows);
    if (Number.isFinite(value)) return value;
    throw new KdError(
      'NOT_FINITE',
      `${name}: the statistic of a resample is ${value}; it must be finite for any rows`,
      { value },
    );
  };
  const all = Uint32Array.from({ length: n }, (_, i) => i);
  const estimate = evaluate(all);
  const { below } = randomSource({ seed, stream: 'bootstrap' });
  const rows = new Uint32Array(n);
  const sorted = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    for (let i = 0; i < n; i++) rows[i] = below(n);
    sorted[resample] = evaluate(rows);
  }
  sorted.sort();
  const center = mean(sorted);
  const squares = sorted.reduce((sum, value) => sum + (value - center) ** 2, 0);
  const standardError = Math.sqrt(squares / (resamples - 1));

  const tail = (1 - confidence) / 2;
  let shares = [tail, 1 - tail];
  // Equal resamples make an interval of one value, and the corrections 0 / 0.
  if (method === 'bca' && sorted.at(-1)! - sorted[0]! > roundingOf(sorted)) {
    const others = all.slice(1);
    const leaveOneOut = Float64Array.from({ length: n }, (_, left) => {
      const value = evaluate(others);
      others[left] = left;
      return value;
    });
    shares = correctedShares(tail, estimate, sorted, leaveOneOut);
  }
  const [low, high] = shares.map((share) => quantile(sorted, share));
  return { estimate, low: low!, high: high!, standardError, sorted };
}
