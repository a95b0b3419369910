/**
 * P(|T| <= t) for Student's t with a whole number of degrees of freedom, at the angle `theta = atan(t / sqrt(degrees))`.
 *
 * For whole degrees the integral of cos^(degrees - 1) is a finite sum of positive terms: exact but for rounding.
 *
 * Reference: Abramowitz and Stegun 1964, 26.7.3 and 26.7.4.
 */
function centralProbability(theta: number, degrees: number): number {
  const cosine = Math.cos(theta);
  const odd = degrees % 2 === 1;
  if (degrees === 1) return (2 / Math.PI) * theta;
  let term = odd ? cosine : 1;
  let sum = term;
  for (let i = odd ? 3 : 2; i < degrees; i += 2) {
    term *= ((i - 1) / i) * cosine * cosine;
    sum += term;
  }
  const value = Math.sin(theta) * sum;
  return odd ? (2 / Math.PI) * (theta + value) : value;
}

/**
 * The t with `P(|T| <= t) = confidence` for Student's t distribution, by bisection of the angle.
 *
 * @param confidence in (0, 1)
 * @param degrees of freedom, integer >= 1
 */
export function studentTQuantile(confidence: number, degrees: number): number {
  let low = 0;
  let high = Math.PI / 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return Math.sqrt(degrees) * Math.tan(middle);
    if (centralProbability(middle, degrees) < confidence) low = middle;
    else high = middle;
  }
}

/**
 * P(|T| > |t|) of Student's t distribution: the two-sided p-value. Right to about 15 digits behind the point.
 *
 * @param degrees of freedom, integer >= 1
 */
export function studentTTwoSided(t: number, degrees: number): number {
  return Math.max(0, 1 - centralProbability(Math.atan(Math.abs(t) / Math.sqrt(degrees)), degrees));
}
