import { checkPairOfDistributions, checkTemperature, type KlDivergenceOptions, rowDivergence } from './divergence.ts';

/**
 * How much of the teacher's distribution the student misses: the mean Kullback-Leibler divergence, in nats.
 *
 * `kl = (1 / samples) * sum_i sum_c p[i, c] log(p[i, c] / q[i, c])`, with `p = softmax(teacher / temperature)` and
 * `q = softmax(student / temperature)`. The logarithms of probabilities serve as their logits.
 *
 * With the temperature of the training it is the soft part of the distillation loss before `temperature^2`. It is Infinity
 * where the student gives probability 0 to a class that the teacher does not rule out.
 *
 * @param studentScores [samples, classes], row-major: logits, or probabilities with that option; 2 classes or more
 * @param teacherScores [samples, classes], the same samples in the same order
 * @param samples >= 1; the number of classes follows from it
 * @returns >= 0; 0 for equal distributions
 * @throws {KdError} INVALID_ARGUMENT if samples is not an integer >= 1, the temperature is not finite and > 0, or a
 *   row of probabilities is none
 * @throws {KdError} SHAPE_MISMATCH if the scores are not [samples, classes] with 2 or more classes, the same for both
 * @throws {KdError} NOT_FINITE if a score is NaN, or the largest logit of a sample is infinite
 *
 * Reference: Hinton et al. 2015, "Distilling the Knowledge in a Neural Network"; values checked against
 * scipy.special.kl_div.
 *
 * @example
 * import { klDivergence } from '@kd/metrics';
 * const student = [0, 0, 1, 0]; // two samples, two classes
 * const teacher = [2, 0, 1, 0];
 * console.log(klDivergence(student, teacher, 2).toFixed(4)); // 0.1639
 * console.log(klDivergence(student, teacher, 2, { temperature: 4 }).toFixed(4)); // 0.0151
 */
export function klDivergence(
  studentScores: ArrayLike<number>,
  teacherScores: ArrayLike<number>,
  samples: number,
  { temperature = 1, scoresAre = 'logits' }: KlDivergenceOptions = {},
): number {
  checkTemperature('klDivergence', temperature);
  const classes = checkPairOfDistributions('klDivergence', studentScores, teacherScores, samples, scoresAre);
  let sum = 0;
  for (let start = 0; start < studentScores.length; start += classes) {
    sum += rowDivergence(studentScores, teacherScores, start, classes, { temperature, scoresAre });
  }
  return sum / samples;
}
