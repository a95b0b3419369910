import { KdError } from '@kd/core';
import { checkConfidence, checkFinite, checkSameLength } from './checks.ts';
import { type MeanAndIntervalOptions, meanAndInterval } from './mean-and-interval.ts';
import { type DifferenceTest, tResult } from './t-result.ts';

/**
 * Are two methods equally good, given one number of each for every seed?
 *
 * `t = mean(d) / (standardDeviation(d) / sqrt(n))` with `d = valuesA - valuesB` and n - 1 degrees of freedom. Pairing is by
 * seed, so that what a seed does to both (its weights, its order of samples) cancels out. It tells what other seeds would
 * give on the same test samples; for other samples too see `crossedTTest`.
 *
 * @param valuesA [n], finite, n >= 2: such as the accuracy of method A with each seed
 * @param valuesB [n], the same for method B, in the same order of seeds
 * @throws {KdError} INVALID_ARGUMENT if there are fewer than two values, or the confidence is not in (0, 1)
 * @throws {KdError} SHAPE_MISMATCH if the two have different lengths
 * @throws {KdError} NOT_FINITE if a value is NaN or infinite
 *
 * Reference: Student 1908, "The probable error of a mean"; values checked against scipy.stats.ttest_rel.
 *
 * @example
 * import { pairedTTest } from '@kd/metrics';
 * const { difference, pValue } = pairedTTest([0.952, 0.957, 0.951, 0.956], [0.949, 0.951, 0.95, 0.95]);
 * console.log(difference.toFixed(4), pValue.toFixed(3)); // 0.0040 0.047
 */
export function pairedTTest(
  valuesA: ArrayLike<number>,
  valuesB: ArrayLike<number>,
  { confidence = 0.95 }: MeanAndIntervalOptions = {},
): DifferenceTest {
  checkSameLength('pairedTTest', ['valuesA', valuesA], ['valuesB', valuesB]);
  checkConfidence('pairedTTest', confidence);
  if (valuesA.length < 2) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `pairedTTest: got ${valuesA.length} value of each, which says nothing about spread; pass two or more`,
      { n: valuesA.length },
    );
  }
  checkFinite('pairedTTest', 'value of A', valuesA);
  checkFinite('pairedTTest', 'value of B', valuesB);
  const { mean, standardDeviation, n } = meanAndInterval(Array.from(valuesA, (value, i) => value - valuesB[i]!));
  return tResult(mean, standardDeviation / Math.sqrt(n), n - 1, confidence);
}
