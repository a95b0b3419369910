import { checkConfidence, checkInteger } from './checks.ts';
import { normalQuantile } from './normal.ts';

export interface WilsonIntervalOptions {
  /** How often such intervals hold the true share, in (0, 1). @default 0.95 */
  confidence?: number;
}

export interface WilsonInterval {
  /** `hits / n`. */
  proportion: number;
  low: number;
  high: number;
}

/**
 * The interval of a share such as an accuracy, from the number of samples alone.
 *
 * `(hits + z^2 / 2 ± z sqrt(hits (n - hits) / n + z^2 / 4)) / (n + z^2)`, with z the normal quantile of the confidence.
 * Never outside of [0, 1], and useful at 0 and n hits too, where `± z standard errors` has no width.
 *
 * It tells how well n independent samples pin down one model's accuracy, not how much training runs differ: for that there
 * is `meanAndInterval`.
 *
 * @param hits integer in [0, n]
 * @param n samples, integer >= 1
 * @throws {KdError} INVALID_ARGUMENT if a number is out of range
 *
 * Reference: Wilson 1927, "Probable inference, the law of succession, and statistical inference"; values checked against
 * SciPy's binomtest(…).proportion_ci('wilson') and statsmodels' proportion_confint.
 *
 * @example
 * import { wilsonInterval } from '@kd/metrics';
 * const { low, high } = wilsonInterval(93, 128);
 * console.log(`[${low.toFixed(3)}, ${high.toFixed(3)}]`); // [0.644, 0.796]
 */
export function wilsonInterval(
  hits: number,
  n: number,
  { confidence = 0.95 }: WilsonIntervalOptions = {},
): WilsonInterval {
  checkInteger('wilsonInterval', 'n', n, 1);
  checkInteger('wilsonInterval', 'hits', hits, 0, n);
  checkConfidence('wilsonInterval', confidence);
  const z = normalQuantile((1 - confidence) / 2);
  const center = hits + (z * z) / 2;
  const reach = -z * Math.sqrt((hits * (n - hits)) / n + (z * z) / 4);
  return {
    proportion: hits / n,
    low: (center - reach) / (n + z * z),
    // Rounding may put it a hair above 1; at the lower end the two terms are equal bit by bit.
    high: hits === n ? 1 : (center + reach) / (n + z * z),
  };
}
