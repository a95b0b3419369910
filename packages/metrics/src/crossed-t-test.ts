import { KdError } from '@kd/core';
import { checkConfidence, checkFinite, checkSameLength } from './checks.ts';
import { type MeanAndIntervalOptions, meanAndInterval } from './mean-and-interval.ts';
import { type DifferenceTest, tResult } from './t-result.ts';

export interface CrossedTest extends DifferenceTest {
  /** What the seeds alone make of the standard error. */
  standardErrorOfRuns: number;
  /** What the samples alone make of it. */
  standardErrorOfSamples: number;
}

/**
 * Are two methods equally good, with other seeds and on other samples? Each was trained with several seeds, and all were
 * tested on the same samples.
 *
 * With `d[run, sample]` the differences, their mean's standard error is `sqrt(SE_runs^2 + SE_samples^2)`, where SE_runs is
 * that of the runs' means and SE_samples that of the samples' means; `t = mean / SE`, with Satterthwaite's degrees of
 * freedom, rounded down: `SE^4 / (SE_runs^4 / (runs - 1) + SE_samples^4 / (samples - 1))`. Its square is Clark's min F',
 * which errs on the careful side: what is left in a difference beside run and sample is counted in both terms.
 *
 * A test over the seeds alone would take the samples as all there are, one over the samples the seeds.
 *
 * @param valuesA [runs][samples], finite, two or more of each: such as 1 for a hit of method A and 0 for a miss
 * @param valuesB [runs][samples], the same for method B, the same seeds and samples in the same order
 * @throws {KdError} INVALID_ARGUMENT if there are fewer than two runs or samples, or the confidence is not in (0, 1)
 * @throws {KdError} SHAPE_MISMATCH if runs or samples are not as many
 * @throws {KdError} NOT_FINITE if a value is NaN or infinite
 *
 * Reference: Clark 1973, "The language-as-fixed-effect fallacy: a critique of language statistics in psychological
 * research"; values checked against the same from scipy's t-tests over runs and over samples.
 *
 * @example
 * import { crossedTTest } from '@kd/metrics';
 * const distilled = [[1, 1, 1, 0, 1, 1], [1, 1, 1, 1, 1, 1]]; // two seeds, six images
 * const scratch = [[1, 0, 1, 0, 1, 0], [1, 1, 0, 0, 1, 0]];
 * const { difference, pValue } = crossedTTest(distilled, scratch);
 * console.log(difference.toFixed(3), pValue.toFixed(3)); // 0.417 0.063
 */
export function crossedTTest(
  valuesA: readonly ArrayLike<number>[],
  valuesB: readonly ArrayLike<number>[],
  { confidence = 0.95 }: MeanAndIntervalOptions = {},
): CrossedTest {
  checkSameLength('crossedTTest', ['valuesA', valuesA], ['valuesB', valuesB]);
  checkConfidence('crossedTTest', confidence);
  const samples = valuesA[0]?.length ?? 0;
  if (valuesA.length < 2 || samples < 2) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `crossedTTest: got ${valuesA.length} runs on ${samples} samples; pass two or more of each, or use mcnemar for one run`,
      { runs: valuesA.length, samples },
    );
  }
  const ofSamples = new Float64Array(samples);
  const ofRuns = valuesA.map((row, run) => {
    const other = valuesB[run]!;
    for (const [name, values] of [['valuesA', row] as const, ['valuesB', other] as const]) {
      checkSameLength('crossedTTest', ['valuesA[0]', valuesA[0]!], [`${name}[${run}]`, values]);
      checkFinite('crossedTTest', `value of ${name}[${run}]`, values);
    }
    let sum = 0;
    for (let i = 0; i < samples; i++) {
      const difference = row[i]! - other[i]!;
      sum += difference;
      ofSamples[i]! += difference / valuesA.length;
    }
    return sum / samples;
  });
  const [overRuns, overSamples] = [meanAndInterval(ofRuns), meanAndInterval(ofSamples)];
  const [standardErrorOfRuns, standardErrorOfSamples] = [overRuns, overSamples].map(
    ({ standardDeviation, n }) => standardDeviation / Math.sqrt(n),
  ) as [number, number];
  const variance = standardErrorOfRuns ** 2 + standardErrorOfSamples ** 2;
  const uncertainty = standardErrorOfRuns ** 4 / (overRuns.n - 1) + standardErrorOfSamples ** 4 / (samples - 1);
  // A hair more, so that rounding takes no whole degree.
  const degrees = uncertainty > 0 ? Math.floor(variance ** 2 / uncertainty + 1e-9) : overRuns.n - 1;
  return {
    ...tResult(overRuns.mean, Math.sqrt(variance), degrees, confidence),
    standardErrorOfRuns,
    standardErrorOfSamples,
  };
}
