import { checkInteger, checkLabels, checkNotEmpty, checkScores } from './checks.ts';
import { rankOf } from './rank.ts';

/**
 * The share of samples whose label is among the k highest scores.
 *
 * `accuracy = (1 / samples) * sum_i [rank of labels[i] in scores[i] < k]`. Among equal scores the lower class ranks
 * first, so that k = 1 is `accuracy`; scikit-learn's top_k_accuracy_score lets the higher class go first.
 *
 * @param scores [samples, classes], row-major: logits or probabilities, 2 classes or more
 * @param labels [samples], integers in [0, classes)
 * @param k how many classes a sample may name, in [1, classes]
 * @returns in [0, 1]
 * @throws {KdError} INVALID_ARGUMENT if there are no labels, one is not an integer in [0, classes), or k is out of range
 * @throws {KdError} SHAPE_MISMATCH if the scores are not [samples, classes] with 2 or more classes
 * @throws {KdError} NOT_FINITE if a score is NaN
 *
 * Reference: values checked against scikit-learn's top_k_accuracy_score with the classes numbered backwards.
 *
 * @example
 * import { topKAccuracy } from '@kd/metrics';
 * const logits = Float32Array.of(5, 3, 1, 0, 9, 4); // two samples, three classes
 * console.log(topKAccuracy(logits, [1, 0], 2)); // 0.5
 */
export function topKAccuracy(scores: ArrayLike<number>, labels: ArrayLike<number>, k: number): number {
  checkNotEmpty('topKAccuracy', labels, 'labels');
  const classes = checkScores('topKAccuracy', scores, labels.length);
  checkLabels('topKAccuracy', labels, classes);
  checkInteger('topKAccuracy', 'k', k, 1, classes);
  let hits = 0;
  for (let sample = 0; sample < labels.length; sample++) {
    if (rankOf(scores, sample * classes, classes, labels[sample]!) < k) hits++;
  }
  return hits / labels.length;
}
