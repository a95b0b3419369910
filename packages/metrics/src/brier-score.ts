import { checkLabelled, type ScoreOptions, squaredError } from './score-rows.ts';

export interface BrierScoreOptions extends ScoreOptions {
  /** Half of it, in [0, 1]: for two classes, the squared error of one of them. @default false */
  scaleByHalf?: boolean;
}

/**
 * The mean squared distance between a model's probabilities and the truth, over all classes.
 *
 * `brier = (1 / samples) * sum_i sum_c (p[i, c] - [c = labels[i]])^2`, with `p = softmax(scores)` for logits
 *
 * This is Brier's own definition, whatever the number of classes. scikit-learn's `scale_by_half='auto'` halves it for two
 * classes only; that is `scaleByHalf: true` here.
 *
 * @param scores [samples, classes], row-major: logits, or probabilities with that option; 2 classes or more
 * @param labels [samples], integers in [0, classes)
 * @returns in [0, 2]; 0 for sure hits alone, 1 - 1 / classes for equal scores
 * @throws {KdError} INVALID_ARGUMENT if there are no labels, one is not an integer in [0, classes), or a row of
 *   probabilities is none
 * @throws {KdError} SHAPE_MISMATCH if the scores are not [samples, classes] with 2 or more classes
 * @throws {KdError} NOT_FINITE if a score is NaN, or the largest logit of a sample is infinite
 *
 * Reference: Brier 1950, "Verification of forecasts expressed in terms of probability"; values checked against
 * scikit-learn's brier_score_loss.
 *
 * @example
 * import { brierScore } from '@kd/metrics';
 * const probabilities = [0.5, 0.5, 0.25, 0.75]; // two samples, two classes
 * console.log(brierScore(probabilities, [0, 1], { scoresAre: 'probabilities' })); // 0.3125
 */
export function brierScore(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  { scoresAre = 'logits', scaleByHalf = false }: BrierScoreOptions = {},
): number {
  const classes = checkLabelled('brierScore', scores, labels, scoresAre);
  let sum = 0;
  for (let sample = 0; sample < labels.length; sample++) {
    sum += squaredError(scores, sample * classes, classes, labels[sample]!, scoresAre);
  }
  return sum / labels.length / (scaleByHalf ? 2 : 1);
}
