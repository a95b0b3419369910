import { KdError } from '@kd/core';
import { argmax } from './argmax.ts';
import { checkFinite, checkLabels, checkNotEmpty, checkScores } from './checks.ts';

/** Slopes are about rows that span at most 1: nearer to 0 than this is rounding. */
const FLAT = 1e-12;

/** Logits as `(x - max of the row) / widest row`, in [-1, 0]: no size of logit overflows. */
function scaled(logits: ArrayLike<number>, classes: number): { rows: Float64Array; widest: number } {
  const rows = Float64Array.from(logits);
  let widest = 0;
  for (let start = 0; start < rows.length; start += classes) {
    const top = rows[start + argmax(rows, start, classes)]!;
    for (let i = start; i < start + classes; i++) {
      rows[i] = rows[i]! - top;
      widest = Math.max(widest, -rows[i]!);
    }
  }
  return { rows: widest > 0 ? rows.map((x) => x / widest) : rows, widest };
}

/**
 * First and second derivative of the mean negative log-likelihood in the inverse temperature:
 * `mean(E[x] - x[label])` and `mean(Var[x])` under `softmax(inverse * x)`.
 */
function derivatives(
  rows: Float64Array,
  labels: ArrayLike<number>,
  classes: number,
  inverse: number,
): [slope: number, curvature: number] {
  let slope = 0;
  let curvature = 0;
  for (let sample = 0; sample < labels.length; sample++) {
    const start = sample * classes;
    let total = 0;
    let first = 0;
    let second = 0;
    for (let i = start; i < start + classes; i++) {
      const x = rows[i]!;
      const weight = Math.exp(inverse * x);
      total += weight;
      first += weight * x;
      second += weight * x * x;
    }
    const expected = first / total;
    slope += expected - rows[start + labels[sample]!]!;
    curvature += second / total - expected * expected;
  }
  return [slope / labels.length, curvature / labels.length];
}

/**
 * The root of the slope, which rises with the inverse temperature: Newton's steps, kept inside of a shrinking bracket.
 * They double the digits each time, so the step after a small one is below rounding.
 */
function solve(slopeAt: (inverse: number) => [slope: number, curvature: number]): number {
  let low = 1;
  let high = 1;
  while (slopeAt(low)[0] > 0) {
    high = low;
    low /= 4;
  }
  while (slopeAt(high)[0] < 0) {
    low = high;
    high *= 4;
  }
  let inverse = Math.sqrt(low * high);
  for (;;) {
    const [slope, curvature] = slopeAt(inverse);
    if (slope > 0) high = inverse;
    else low = inverse;
    const newton = inverse - slope / curvature;
    if (Math.abs(newton - inverse) <= 1e-9 * inverse) return newton;
    inverse = newton > low && newton < high ? newton : Math.sqrt(low * high);
    if (inverse <= low || inverse >= high) return inverse;
  }
}

/**
 * The temperature that makes a trained model's confidence fit its accuracy: temperature scaling.
 *
 * `temperature = argmin_T -(1 / samples) * sum_i log softmax(logits[i] / T)[labels[i]]`, over T > 0. The function is convex
 * in 1 / T, so there is one minimum. Above 1 the model was overconfident. Divide logits by it; predictions stay the same.
 *
 * Fit it on validation samples: neither on those the model was trained on, nor on those it is judged by. There is no
 * minimum at a finite T > 0, and an error, where every label has the highest logit (the likelihood rises as T falls to 0),
 * and where labels have no higher logits than other classes on average (it rises with T).
 *
 * @param logits [samples, classes], row-major, finite; 2 classes or more; not probabilities
 * @param labels [samples], integers in [0, classes)
 * @returns > 0
 * @throws {KdError} INVALID_ARGUMENT if there are no labels, or one is not an integer in [0, classes)
 * @throws {KdError} SHAPE_MISMATCH if the logits are not [samples, classes] with 2 or more classes
 * @throws {KdError} NOT_FINITE if a logit is NaN or infinite
 * @throws {KdError} INVALID_DATA if no finite temperature > 0 is best
 *
 * Reference: Guo et al. 2017, "On Calibration of Modern Neural Networks", sec. 4.2; values checked against
 * scipy.optimize.
 *
 * @example
 * import { fitTemperature } from '@kd/metrics';
 * const logits = [4, 0, 4, 0, 0, 4, 0, 4]; // sure of each class, and right 3 times of 4
 * console.log(fitTemperature(logits, [0, 0, 1, 0]).toFixed(3)); // 3.641
 */
export function fitTemperature(logits: ArrayLike<number>, labels: ArrayLike<number>): number {
  checkNotEmpty('fitTemperature', labels, 'labels');
  const classes = checkScores('fitTemperature', logits, labels.length, 'logit');
  checkFinite('fitTemperature', 'logit', logits);
  checkLabels('fitTemperature', labels, classes);
  const { rows, widest } = scaled(logits, classes);
  const slopeAt = (inverse: number) => derivatives(rows, labels, classes, inverse);
  if (slopeAt(0)[0] >= -FLAT) {
    throw new KdError(
      'INVALID_DATA',
      'fitTemperature: the labels have no higher logits than other classes on average, so no temperature is best; ' +
        'check that logits and labels belong together',
    );
  }
  if (Array.from(labels).every((label, sample) => rows[sample * classes + label] === 0)) {
    throw new KdError(
      'INVALID_DATA',
      'fitTemperature: every label has the highest logit, so the likelihood rises as the temperature falls to 0; ' +
        'fit on more samples, among them some that the model gets wrong',
    );
  }
  return widest / solve(slopeAt);
}
