import { KdError } from '@kd/core';
import { checkNotEmpty, checkOneOf, checkSameLength } from './checks.ts';
import { normalUpperTail } from './normal.ts';

export interface McNemarOptions {
  /**
   * `exact`: from the binomial distribution, right for any number of samples. `corrected`: its older approximation, chi
   * squared with continuity correction, to compare with figures that were made so. @default 'exact'
   */
  method?: 'exact' | 'corrected';
}

export interface McNemarResult {
  /** Samples that A got right and B wrong. */
  onlyA: number;
  /** Samples that B got right and A wrong. */
  onlyB: number;
  /** How likely a split at least this uneven is if A and B are equally good, in [0, 1]. */
  pValue: number;
}

/** P(X <= k) of the binomial distribution with n trials and probability 1/2, for k <= n. */
function lowerTail(k: number, n: number): number {
  // C(n, k) / 2^n overflows and underflows in parts; halvings between the factors keep it near 1, without rounding.
  let term = 1;
  let halvings = n;
  for (let i = 1; i <= k; i++) {
    term *= (n - k + i) / i;
    while (term > 1 && halvings > 0) {
      term /= 2;
      halvings--;
    }
  }
  term *= 2 ** -halvings;
  let sum = 0;
  for (let i = k; i >= 0 && term > 0; i--) {
    sum += term;
    term *= i / (n - i + 1);
  }
  return sum;
}

/** P(X > statistic) of chi squared with one degree of freedom, the square of a normal variable. */
function correctedP(onlyA: number, onlyB: number): number {
  return 2 * normalUpperTail(Math.abs(Math.abs(onlyA - onlyB) - 1) / Math.sqrt(onlyA + onlyB));
}

/**
 * McNemar's test: are two models equally good on the same samples?
 *
 * Only samples that one model got right and the other wrong tell them apart; were the models equally good, each
 * would fall to either with probability 1/2: `p = min(1, 2 * P(X <= min(onlyA, onlyB)))`, with
 * `X ~ Binomial(onlyA + onlyB, 1/2)`. The p-value is 1 if there are none.
 *
 * 'corrected' is `p = P(X > (|onlyA - onlyB| - 1)^2 / (onlyA + onlyB))`, with X chi squared of one degree of freedom. As in
 * statsmodels it is below 1 where the two are equal.
 *
 * @param correctA [samples], whether model A got each sample right: booleans, or 0 and 1
 * @param correctB [samples], the same for model B, in the same order
 * @throws {KdError} INVALID_ARGUMENT if there are no samples, or a value is neither boolean, 0 nor 1,
 *   or the method is another
 * @throws {KdError} SHAPE_MISMATCH if the two have different lengths
 *
 * Reference: McNemar 1947, "Note on the sampling error of the difference between correlated proportions or
 * percentages"; Edwards 1948 for the correction; values checked against scipy.stats.binomtest and statsmodels' mcnemar.
 *
 * @example
 * import { mcnemar } from '@kd/metrics';
 * const student = [1, 1, 1, 1, 1, 1, 0, 1];
 * const baseline = [0, 0, 0, 0, 0, 0, 1, 1];
 * console.log(mcnemar(student, baseline)); // { onlyA: 6, onlyB: 1, pValue: 0.125 }
 * console.log(mcnemar(student, baseline, { method: 'corrected' }).pValue.toFixed(4)); // 0.1306
 */
export function mcnemar(
  correctA: ArrayLike<boolean | number>,
  correctB: ArrayLike<boolean | number>,
  { method = 'exact' }: McNemarOptions = {},
): McNemarResult {
  checkOneOf('mcnemar', 'method', method, ['exact', 'corrected']);
  checkSameLength('mcnemar', ['correctA', correctA], ['correctB', correctB]);
  checkNotEmpty('mcnemar', correctA, 'samples');
  const truth = (name: string, value: boolean | number | undefined, index: number): boolean => {
    if (value === true || value === 1) return true;
    if (value === false || value === 0) return false;
    throw new KdError(
      'INVALID_ARGUMENT',
      `mcnemar: ${name} is ${value} at index ${index}; pass whether each prediction was right: true, false, 1 or 0`,
      { name, value, index },
    );
  };
  let onlyA = 0;
  let onlyB = 0;
  for (let i = 0; i < correctA.length; i++) {
    const a = truth('correctA', correctA[i], i);
    const b = truth('correctB', correctB[i], i);
    if (a && !b) onlyA++;
    if (b && !a) onlyB++;
  }
  const exact = method === 'exact' || onlyA + onlyB === 0;
  const pValue = exact ? Math.min(1, 2 * lowerTail(Math.min(onlyA, onlyB), onlyA + onlyB)) : correctedP(onlyA, onlyB);
  return { onlyA, onlyB, pValue };
}
