import * as tf from '@tensorflow/tfjs-core';
import { checkPair } from '../internal/checks.ts';
import { atLabel, checkClasses, isLabel, withoutLabel } from '../internal/classes.ts';
import { divergenceFrom, soften } from '../internal/divergence.ts';
import { notNegative, positive } from '../internal/options.ts';
import { type LabelOptions, labelledLoss, type RowOptions } from '../internal/rows.ts';

export interface DkdOptions extends RowOptions, LabelOptions {
  /** Softens both distributions: `softmax(logits / temperature)`. > 0. @default 4 */
  temperature?: number;
  /** Weight of the target class' part, `alpha` of the paper, >= 0. @default 1 */
  tckdWeight?: number;
  /** Weight of the other classes' part, `beta` of the paper, >= 0. @default 8 */
  nckdWeight?: number;
}

/**
 * Decoupled knowledge distillation: what the teacher knows of the label's class and of the other classes, weighted
 * apart.
 *
 * `loss = T^2 * mean_batch(tckdWeight * KL([p[y], 1 - p[y]] || [q[y], 1 - q[y]]) + nckdWeight * KL(p' || q'))`, with
 * `p = softmax(teacher / T)`, `q = softmax(student / T)`, and `p'`, `q'` the same over all classes but the label `y`
 *
 * `klDivergenceLoss` is the same with the weights 1 and `1 - p[y]`: it hardly passes on the other classes where the
 * teacher is sure. Published weights of the second part are 8 on CIFAR-100 (2 to 8 by the pair of models) and 0.5 at
 * T = 1 on ImageNet; the authors raise the whole loss linearly over the first 20 epochs and add `crossEntropy`. Either
 * part alone is the loss with the weight of the other one 0. The teacher gets no gradient.
 *
 * @param studentLogits float32 [batch, classes], 3 classes or more
 * @param teacherLogits float32 [batch, classes]
 * @param labels int32 [batch], each in [0, classes)
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if a label or an option is out of range or there
 * are 2 classes: one other class has nothing to tell
 *
 * Reference: Zhao et al. 2022, "Decoupled Knowledge Distillation"; value and gradient agree with
 * mdistiller's DKD, without its logarithms of 0.
 *
 * @example
 * import { dkdLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[2, -1, 0], [0, 3, 1]]);
 * const teacher = tf.tensor2d([[4, -2, 1], [0, 5, 3]]);
 * const labels = tf.tensor1d([0, 1], 'int32');
 * console.log(dkdLoss(student, teacher, labels).dataSync()[0].toFixed(4)); // 3.8939
 */
export function dkdLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: DkdOptions & { reduction: 'none' },
): tf.Tensor1D;
export function dkdLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options?: DkdOptions,
): tf.Scalar;
export function dkdLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: DkdOptions = {},
): tf.Scalar | tf.Tensor1D {
  const { temperature = 4, tckdWeight = 1, nckdWeight = 8 } = options;
  const rules = { temperature: positive, tckdWeight: notNegative, nckdWeight: notNegative };
  checkPair('dkdLoss', studentLogits, teacherLogits);
  const { shape } = studentLogits;
  checkClasses('dkdLoss', shape[1], 3, 'one other class has nothing to tell; see klDivergenceLoss');
  return labelledLoss('dkdLoss', shape, labels, options, rules, (known) => {
    const target = isLabel(known, shape[1]);
    const apart = (logits: tf.Tensor2D) => {
      const others = withoutLabel(logits, target); // [batch, classes]
      const rest = tf.logSumExp(tf.div(others, temperature), 1); // of one class that stands for all others
      return [tf.stack([atLabel(logits, target), tf.mul(rest, temperature)], 1), others] as [tf.Tensor2D, tf.Tensor2D];
    };
    const [student, teacher] = [apart(studentLogits), apart(teacherLogits)];
    const [targetPart, otherPart] = [0, 1].map((i) =>
      divergenceFrom(soften(teacher[i]!, temperature), student[i]!, temperature),
    );
    return tf.add(tf.mul(targetPart!, tckdWeight), tf.mul(otherPart!, nckdWeight));
  });
}
