import { type BootstrapInterval, type BootstrapOptions, bootstrap, mean, take } from './bootstrap.ts';
import { checkFinite } from './checks.ts';

export interface BootstrapIntervalOptions extends BootstrapOptions {
  /** What is wanted of the values, finite for any choice of them; it must not keep the array. @default the mean */
  statistic?: (values: Float64Array) => number;
}

/**
 * The interval of any statistic, from drawing samples of the values with replacement.
 *
 * `[low, high]` are quantiles of `statistic(values[rows])` over random rows. For a statistic of more than one number a
 * sample, such as an F1 score, let the values be the numbers of the samples, 0 … n - 1, and look the rest up.
 *
 * `bca` also calls the statistic n times, leaving out one value each. Its interval is NaN where it does not exist: if all
 * resamples lie on one side of the estimate, or leaving out a value never changes it; `percentile` has one even so.
 * Resamples that are all equal, but for rounding, give that value twice.
 *
 * Each resample costs about 80 ns a value: 9999 of 10 000 values take 8 s.
 *
 * @param values [n], finite, n >= 2: one for each independent sample
 * @throws {KdError} INVALID_ARGUMENT if there are fewer than two values, or an option is out of range
 * @throws {KdError} NOT_FINITE if a value, or the statistic of a resample, is NaN or infinite
 *
 * Reference: Efron 1987, "Better bootstrap confidence intervals"; values checked against scipy.stats.bootstrap on the same
 * resamples.
 *
 * @example
 * import { bootstrapInterval } from '@kd/metrics';
 * const correct = [1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1];
 * const { estimate, low, high } = bootstrapInterval(correct, { seed: 42, resamples: 2000 });
 * console.log(estimate, low, high); // 0.8125 0.5625 0.9375
 */
export function bootstrapInterval(
  values: ArrayLike<number>,
  { statistic = mean, ...options }: BootstrapIntervalOptions = {},
): BootstrapInterval {
  checkFinite('bootstrapInterval', 'value', values);
  const { estimate, low, high, standardError } = bootstrap(
    'bootstrapInterval',
    values.length,
    (rows) => statistic(take(values, rows)),
    options,
  );
  return { estimate, low, high, standardError };
}
