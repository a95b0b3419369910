import { checkConfidence, checkFinite, checkNotEmpty } from './checks.ts';
import { studentTQuantile } from './student-t.ts';

export interface MeanAndIntervalOptions {
  /** How often such intervals hold the true mean, in (0, 1). @default 0.95 */
  confidence?: number;
}

export interface MeanAndInterval {
  mean: number;
  /** Of one value, estimated with n - 1. NaN if n is 1. */
  standardDeviation: number;
  /** Lower end of the interval of the mean. NaN if n is 1. */
  low: number;
  /** Upper end of the interval of the mean. NaN if n is 1. */
  high: number;
  /** How many values there were. */
  n: number;
}

/**
 * Mean of repeated measurements, such as one accuracy a seed, with its confidence interval.
 *
 * `mean ± t * standardDeviation / sqrt(n)`, with t the quantile of Student's t for n - 1 degrees of freedom. Holds for
 * independent values that are about normal. One value says nothing about spread: its interval is NaN.
 *
 * @param values [n], finite, n >= 1
 * @throws {KdError} INVALID_ARGUMENT if there are no values, or the confidence is not in (0, 1)
 * @throws {KdError} NOT_FINITE if a value is NaN or infinite
 *
 * Reference: Student 1908, "The probable error of a mean"; values checked against scipy.stats.t.interval.
 *
 * @example
 * import { meanAndInterval } from '@kd/metrics';
 * const { mean, low, high } = meanAndInterval([0.94, 0.95, 0.96]); // three seeds
 * console.log(`${mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`); // 0.950 [0.925, 0.975]
 */
export function meanAndInterval(
  values: ArrayLike<number>,
  { confidence = 0.95 }: MeanAndIntervalOptions = {},
): MeanAndInterval {
  checkNotEmpty('meanAndInterval', values, 'values');
  checkConfidence('meanAndInterval', confidence);
  checkFinite('meanAndInterval', 'value', values);
  const n = values.length;
  let mean = 0;
  let squares = 0;
  // Welford's update: equal values have exactly zero spread.
  for (let i = 0; i < n; i++) {
    const value = values[i]!;
    const difference = value - mean;
    mean += difference / (i + 1);
    squares += difference * (value - mean);
  }
  if (n === 1) return { mean, standardDeviation: Number.NaN, low: Number.NaN, high: Number.NaN, n };
  const standardDeviation = Math.sqrt(squares / (n - 1));
  const reach = (studentTQuantile(confidence, n - 1) * standardDeviation) / Math.sqrt(n);
  return { mean, standardDeviation, low: mean - reach, high: mean + reach, n };
}
