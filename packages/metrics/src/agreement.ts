import { argmax } from './argmax.ts';
import { checkPair } from './check-pair.ts';

/**
 * The share of samples for which student and teacher predict the same class. No labels are needed.
 *
 * `agreement = (1 / samples) * sum_i [argmax_c student[i, c] = argmax_c teacher[i, c]]`; among equal scores the lowest
 * class counts.
 *
 * @param studentScores [samples, classes], row-major: logits or probabilities, 2 classes or more
 * @param teacherScores [samples, classes], the same samples in the same order
 * @param samples >= 1; the number of classes follows from it
 * @returns in [0, 1]
 * @throws {KdError} INVALID_ARGUMENT if samples is not an integer >= 1
 * @throws {KdError} SHAPE_MISMATCH if the scores are not [samples, classes] with 2 or more classes, the same for both
 * @throws {KdError} NOT_FINITE if a score is NaN
 *
 * Reference: Stanton et al. 2021, "Does Knowledge Distillation Really Work?", eq. 4; values checked against NumPy.
 *
 * @example
 * import { agreement } from '@kd/metrics';
 * const student = [2, 1, 0, 3]; // two samples, two classes
 * const teacher = [5, 0, 4, 1];
 * console.log(agreement(student, teacher, 2)); // 0.5
 */
export function agreement(studentScores: ArrayLike<number>, teacherScores: ArrayLike<number>, samples: number): number {
  const classes = checkPair('agreement', studentScores, teacherScores, samples);
  let same = 0;
  for (let start = 0; start < studentScores.length; start += classes) {
    if (argmax(studentScores, start, classes) === argmax(teacherScores, start, classes)) same++;
  }
  return same / samples;
}
