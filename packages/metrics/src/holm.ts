import { KdError } from '@kd/core';

/**
 * Corrects the p-values of several tests: with twenty of them one is below .05 by chance. Those that are below .05 after it
 * are all true findings in 95 of 100 such experiments.
 *
 * Sorted from the smallest, `adjusted[i] = max over j <= i of min(1, (n - j) * p[j])`, j from 0. Never weaker than
 * Bonferroni's `n * p`, and it asks nothing of how the tests depend on each other.
 *
 * @param pValues [n], each in [0, 1]
 * @returns [n], in the order given
 * @throws {KdError} INVALID_ARGUMENT if a p-value is not in [0, 1]
 *
 * Reference: Holm 1979, "A simple sequentially rejective multiple test procedure"; values checked against statsmodels'
 * multipletests(method='holm').
 *
 * @example
 * import { holm } from '@kd/metrics';
 * console.log(holm([0.04, 0.01, 0.2])); // [ 0.08, 0.03, 0.2 ]
 */
export function holm(pValues: readonly number[]): number[] {
  for (const [index, pValue] of pValues.entries()) {
    if (pValue >= 0 && pValue <= 1) continue;
    throw new KdError('INVALID_ARGUMENT', `holm: p-value ${pValue} at index ${index} is not in [0, 1]`, {
      pValue,
      index,
    });
  }
  const order = Array.from(pValues.keys()).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]!));
    adjusted[index] = largest;
  }
  return adjusted;
}
