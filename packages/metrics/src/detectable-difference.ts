import { KdError } from '@kd/core';
import { checkInteger } from './checks.ts';
import { normalQuantile } from './normal.ts';

export interface DetectableDifferenceOptions {
  /** Images that both models are tested on, an integer >= 1. */
  samples: number;
  /** Share of them that one model gets right and the other wrong, in [0, 1]: measured, or a guess. */
  disagreement: number;
  /** How often the difference is to be found, in (0.5, 1). @default 0.8 */
  power?: number;
  /** p-value below which it counts as found, in (0, 0.5). @default 0.05 */
  significance?: number;
}

/**
 * How large must the true difference of two accuracies be for McNemar's test to find it on so many samples?
 *
 * The smallest d with `samples * d^2 >= (z_significance sqrt(s) + z_power sqrt(s - d^2))^2`, where s is the disagreement, or
 * d where that is larger, since models cannot differ by more than they disagree. 92 against 81 of 128 images are no
 * finding: for two students that disagree on a quarter of them d is 12 points.
 *
 * @returns d in (0, 1]; Infinity where no difference is large enough, as with two samples
 * @throws {KdError} INVALID_ARGUMENT if a number is out of range
 *
 * Reference: Connor 1987, "Sample size for testing differences in proportions for the paired-sample design"; checked
 * against the exact power of the test.
 *
 * @example
 * import { detectableDifference } from '@kd/metrics';
 * console.log(detectableDifference({ samples: 128, disagreement: 0.25 }).toFixed(3)); // 0.123
 * console.log(detectableDifference({ samples: 10_000, disagreement: 0.01 }).toFixed(4)); // 0.0028
 */
export function detectableDifference({
  samples,
  disagreement,
  power = 0.8,
  significance = 0.05,
}: DetectableDifferenceOptions): number {
  checkInteger('detectableDifference', 'samples', samples, 1);
  const range = (name: string, value: number, inside: boolean, text: string): void => {
    if (inside) return;
    throw new KdError('INVALID_ARGUMENT', `detectableDifference: ${name} must be in ${text}, got ${value}`, {
      [name]: value,
    });
  };
  range('disagreement', disagreement, disagreement >= 0 && disagreement <= 1, '[0, 1]');
  range('power', power, power > 0.5 && power < 1, '(0.5, 1)');
  range('significance', significance, significance > 0 && significance < 0.5, '(0, 0.5)');
  const zSignificance = normalQuantile(1 - significance / 2);
  const zPower = normalQuantile(power);
  const isFound = (difference: number): boolean => {
    const apart = Math.max(disagreement, difference);
    const needed = zSignificance * Math.sqrt(apart) + zPower * Math.sqrt(Math.max(0, apart - difference ** 2));
    return Math.sqrt(samples) * difference >= needed;
  };
  if (!isFound(1)) return Infinity;
  let [low, high] = [0, 1];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return high;
    if (isFound(middle)) high = middle;
    else low = middle;
  }
}
