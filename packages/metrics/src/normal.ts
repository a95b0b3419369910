/**
 * P(Z > z) of the standard normal distribution.
 *
 * Near 0 by a series and further out by a continued fraction, both of positive terms: about 13 digits, in the tail too.
 *
 * Reference: Abramowitz and Stegun 1964, 26.2.11 and 26.2.14.
 */
export function normalUpperTail(z: number): number {
  if (z < 0) return 1 - normalUpperTail(-z);
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  if (z < 2) {
    let term = z;
    let sum = z;
    for (let i = 3; term > sum * 1e-17; i += 2) {
      term *= (z * z) / i;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = z;
  for (let i = 200; i > 0; i--) fraction = z + i / fraction;
  return density / fraction;
}

/**
 * The z with `P(Z <= z) = probability`, by bisection; infinite at 0 and 1.
 *
 * @param probability in [0, 1]
 */
export function normalQuantile(probability: number): number {
  if (probability > 0.5) return -normalQuantile(1 - probability);
  if (probability === 0) return -Infinity;
  let low = 0;
  let high = 40; // beyond it the tail is below the smallest double
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return -middle;
    if (normalUpperTail(middle) > probability) low = middle;
    else high = middle;
  }
}
