import { studentTQuantile, studentTTwoSided } from './student-t.ts';

/** A difference, what is known of it, and what would have been found. */
export interface DifferenceTest {
  /** Mean of A minus mean of B. */
  difference: number;
  /** Lower end of its interval. */
  low: number;
  /** Upper end of its interval. */
  high: number;
  standardError: number;
  /** Of Student's t. */
  degrees: number;
  /** How likely a difference at least this large is, either way, if there is none: in [0, 1]. */
  pValue: number;
  /** True difference that such a test finds, at p < .05, in four of five experiments like this one. */
  detectable: number;
}

/** Two-sided at .05, found in 80 of 100: what a sample size is usually planned for. */
const SIGNIFICANCE = 0.05;
const POWER = 0.8;

/** What Student's t makes of a difference and its standard error. */
export function tResult(
  difference: number,
  standardError: number,
  degrees: number,
  confidence: number,
): DifferenceTest {
  const reach = studentTQuantile(confidence, degrees) * standardError;
  // Where nothing varies there is nothing to doubt; 0 / 0 is no difference.
  const t = difference === 0 ? 0 : difference / standardError;
  const found = studentTQuantile(1 - SIGNIFICANCE, degrees) + studentTQuantile(2 * POWER - 1, degrees);
  return {
    difference,
    low: difference - reach,
    high: difference + reach,
    standardError,
    degrees,
    pValue: studentTTwoSided(t, degrees),
    detectable: found * standardError,
  };
}
