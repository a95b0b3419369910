import { argmax } from './argmax.ts';
import { checkInteger, checkScores } from './checks.ts';

/**
 * The class with the highest score of each sample; the lowest of those with equal scores.
 *
 * `predictions[i] = argmax_c scores[i, c]`
 *
 * @param scores [samples, classes], row-major: logits or probabilities, 2 classes or more
 * @param samples >= 1; the number of classes follows from it
 * @returns int32 [samples], each in [0, classes)
 * @throws {KdError} INVALID_ARGUMENT if samples is not an integer >= 1
 * @throws {KdError} SHAPE_MISMATCH if the scores are not [samples, classes] with 2 or more classes
 * @throws {KdError} NOT_FINITE if a score is NaN
 *
 * Reference: values and ties checked against numpy.argmax.
 *
 * @example
 * import { predictions } from '@kd/metrics';
 * const scores = [2, 1, 0, 0, 1, 1]; // two samples, three classes
 * console.log(predictions(scores, 2)); // Int32Array(2) [ 0, 1 ]
 */
export function predictions(scores: ArrayLike<number>, samples: number): Int32Array {
  checkInteger('predictions', 'samples', samples, 1);
  const classes = checkScores('predictions', scores, samples);
  return Int32Array.from({ length: samples }, (_, sample) => argmax(scores, sample * classes, classes));
}
