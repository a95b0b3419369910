import { checkLabelled, type ScoreOptions, surprise } from './score-rows.ts';

/**
 * The mean cross-entropy of the labels, in nats: how surprised a model is by the truth. Also called log loss.
 *
 * `nll = -(1 / samples) * sum_i log p[i, labels[i]]`, with `p = softmax(scores)` for logits
 *
 * Logits of any size keep their digits. A label with probability 0 makes the mean Infinity, as it is; scikit-learn puts
 * 36.04 there instead, from clipping probabilities at 2.2e-16.
 *
 * @param scores [samples, classes], row-major: logits, or probabilities with that option; 2 classes or more
 * @param labels [samples], integers in [0, classes)
 * @returns >= 0; log(classes) for equal scores
 * @throws {KdError} INVALID_ARGUMENT if there are no labels, one is not an integer in [0, classes), or a row of
 *   probabilities is none
 * @throws {KdError} SHAPE_MISMATCH if the scores are not [samples, classes] with 2 or more classes
 * @throws {KdError} NOT_FINITE if a score is NaN, or the largest logit of a sample is infinite
 *
 * Reference: values checked against scikit-learn's log_loss and scipy.special.logsumexp.
 *
 * @example
 * import { negativeLogLikelihood } from '@kd/metrics';
 * const logits = Float32Array.of(2, 0, 0, 0); // two samples, two classes
 * console.log(negativeLogLikelihood(logits, [0, 1]).toFixed(4)); // 0.4100
 * const shares = [0.5, 0.5, 0.25, 0.75];
 * console.log(negativeLogLikelihood(shares, [0, 1], { scoresAre: 'probabilities' }).toFixed(4)); // 0.4904
 */
export function negativeLogLikelihood(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  { scoresAre = 'logits' }: ScoreOptions = {},
): number {
  const classes = checkLabelled('negativeLogLikelihood', scores, labels, scoresAre);
  let sum = 0;
  for (let sample = 0; sample < labels.length; sample++) {
    sum += surprise(scores, sample * classes, classes, labels[sample]!, scoresAre);
  }
  return sum / labels.length;
}
