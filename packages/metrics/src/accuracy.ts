import { argmax } from './argmax.ts';
import { checkLabels, checkNotEmpty, checkScores } from './checks.ts';

/**
 * The share of samples whose highest score is at their label.
 *
 * `accuracy = (1 / samples) * sum_i [argmax_c scores[i, c] = labels[i]]`; among equal scores the lowest class counts.
 *
 * @param scores [samples, classes], row-major: logits or probabilities, 2 classes or more
 * @param labels [samples], integers in [0, classes)
 * @returns in [0, 1]
 * @throws {KdError} INVALID_ARGUMENT if there are no labels, or one is not an integer in [0, classes)
 * @throws {KdError} SHAPE_MISMATCH if the scores are not [samples, classes] with 2 or more classes
 * @throws {KdError} NOT_FINITE if a score is NaN
 *
 * Reference: values checked against scikit-learn's accuracy_score.
 *
 * @example
 * import { accuracy } from '@kd/metrics';
 * const logits = Float32Array.of(2, -1, 0, 3, 1, 0); // three samples, two classes
 * console.log(accuracy(logits, [0, 1, 0])); // 1
 * console.log(accuracy(logits, [0, 0, 1])); // 0.3333333333333333
 */
export function accuracy(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  checkNotEmpty('accuracy', labels, 'labels');
  const classes = checkScores('accuracy', scores, labels.length);
  checkLabels('accuracy', labels, classes);
  let hits = 0;
  for (let sample = 0; sample < labels.length; sample++) {
    if (argmax(scores, sample * classes, classes) === labels[sample]) hits++;
  }
  return hits / labels.length;
}
