import * as tf from '@tensorflow/tfjs-core';
import { checkLogits, checkTensor } from '../internal/checks.ts';
import { divergenceFrom } from '../internal/divergence.ts';
import { fail } from '../internal/errors.ts';
import { oneOf, positive, type Rule } from '../internal/options.ts';
import { type RowOptions, rowLoss } from '../internal/rows.ts';

export interface MultiTeacherOptions extends RowOptions {
  /** Softens all distributions: `softmax(logits / temperature)`. > 0. @default 4 */
  temperature?: number;
  /** How the teachers' distributions become one: mean of the probabilities, or of the logits. @default 'arithmetic' */
  mean?: 'arithmetic' | 'geometric';
  /** One for each teacher, > 0; divided by their sum. @default all the same */
  teacherWeights?: readonly number[];
}

/**
 * The soft term of distillation from several teachers at once.
 *
 * `loss = T^2 * mean_batch(KL(p || softmax(student / T)))`, with `p = sum_i w[i] * softmax(teacher[i] / T)` (arithmetic)
 * or `p = softmax(sum_i w[i] * teacher[i] / T)` (geometric) and `w = teacherWeights / sum(teacherWeights)`
 *
 * The arithmetic mean keeps what any teacher finds likely, the geometric mean what none finds unlikely. With one teacher
 * both are `klDivergenceLoss`. The teachers get no gradient.
 *
 * @param studentLogits float32 [batch, classes]
 * @param teacherLogits one or more, each float32 [batch, classes]
 * @param _labels not used; its place is kept so that losses on logits can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if there is no teacher or an option is out of range
 *
 * Reference: Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network", section 1, which names both
 * means; values and gradients agree with the definitions in float64.
 *
 * @example
 * import { multiTeacherLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[2, -1, 0], [0, 3, 1]]);
 * const large = tf.tensor2d([[4, -2, 1], [0, 5, 3]]);
 * const small = tf.tensor2d([[3, -1, 2], [1, 2, 3]]);
 * const loss = multiTeacherLoss(student, [large, small], undefined, { teacherWeights: [2, 1] });
 * console.log(loss.dataSync()[0].toFixed(4)); // 0.2609
 */
export function multiTeacherLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: readonly tf.Tensor2D[],
  _labels: tf.Tensor1D | undefined,
  options: MultiTeacherOptions & { reduction: 'none' },
): tf.Tensor1D;
export function multiTeacherLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: readonly tf.Tensor2D[],
  _labels?: tf.Tensor1D,
  options?: MultiTeacherOptions,
): tf.Scalar;
export function multiTeacherLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: readonly tf.Tensor2D[],
  _labels?: tf.Tensor1D,
  options: MultiTeacherOptions = {},
): tf.Scalar | tf.Tensor1D {
  const caller = 'multiTeacherLoss';
  const { temperature = 4, mean = 'arithmetic', teacherWeights } = options;
  checkLogits(caller, 'studentLogits', studentLogits);
  if (!Array.isArray(teacherLogits) || teacherLogits.length === 0) {
    fail('INVALID_ARGUMENT', caller, 'teacherLogits must be an array of one tensor or more', { teacherLogits });
  }
  teacherLogits.forEach((teacher, i) => {
    checkTensor(caller, `teacherLogits[${i}]`, teacher, 'float32', studentLogits.shape);
  });
  const teachers = teacherLogits.length;
  const onePerTeacher: Rule = (weights: number[]) =>
    (weights.length === teachers && weights.every((weight) => weight > 0 && weight < Infinity)) ||
    `${teachers} numbers > 0`;
  const rules = { temperature: positive, mean: oneOf('arithmetic', 'geometric'), teacherWeights: onePerTeacher };
  return rowLoss(caller, studentLogits.shape[0], options, rules, () => {
    const total = teacherWeights?.reduce((sum, weight) => sum + weight, 0) ?? teachers;
    const average = (tensors: tf.Tensor[]) =>
      tf.addN(tensors.map((each, i) => tf.mul(each, (teacherWeights?.[i] ?? 1) / total)));
    const softened = teacherLogits.map((teacher) => tf.div(teacher, temperature));
    const logP =
      mean === 'geometric'
        ? tf.logSoftmax(average(softened))
        : tf.log(average(softened.map((logits) => tf.softmax(logits))));
    return divergenceFrom(logP, studentLogits, temperature);
  });
}
