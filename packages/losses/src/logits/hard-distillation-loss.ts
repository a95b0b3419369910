import * as tf from '@tensorflow/tfjs-core';
import { checkPair } from '../internal/checks.ts';
import { detach } from '../internal/detach.ts';
import { share } from '../internal/options.ts';
import { type RowOptions, rowLoss } from '../internal/rows.ts';
import { crossEntropyRows } from './cross-entropy.ts';

export interface HardDistillationOptions extends RowOptions {
  /** Share of the target that is spread evenly over all classes, in [0, 1]. @default 0 */
  labelSmoothing?: number;
}

/**
 * Cross-entropy with the teacher's decision, taken for the label.
 *
 * `loss = -(1 - e) * log q[y] - e * mean_c(log q[c])`, with `q = softmax(student)`, `y = argmax(teacher)` and
 * `e = labelSmoothing`
 *
 * Of equal teacher logits the one with the lowest index is taken, on the cpu and WebAssembly backends. DeiT trains on
 * half of this plus half of `crossEntropy` with the true labels, of two heads.
 *
 * @param studentLogits float32 [batch, classes]; DeiT's are of the distillation token's head
 * @param teacherLogits float32 [batch, classes]
 * @param _labels not used; its place is kept so that losses on logits can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Touvron et al. 2021, "Training data-efficient image transformers & distillation through attention",
 * hard-label distillation; value and gradient agree with the second term of the authors' code.
 *
 * @example
 * import { hardDistillationLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[2, -1, 0], [0, 3, 1]]);
 * const teacher = tf.tensor2d([[4, -2, 1], [0, 5, 3]]);
 * console.log(hardDistillationLoss(student, teacher).dataSync()[0].toFixed(4)); // 0.1698
 */
export function hardDistillationLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels: tf.Tensor1D | undefined,
  options: HardDistillationOptions & { reduction: 'none' },
): tf.Tensor1D;
export function hardDistillationLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options?: HardDistillationOptions,
): tf.Scalar;
export function hardDistillationLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options: HardDistillationOptions = {},
): tf.Scalar | tf.Tensor1D {
  const { labelSmoothing = 0 } = options;
  checkPair('hardDistillationLoss', studentLogits, teacherLogits);
  return rowLoss('hardDistillationLoss', studentLogits.shape[0], options, { labelSmoothing: share }, () =>
    crossEntropyRows(studentLogits, tf.argMax(detach(teacherLogits), 1), labelSmoothing),
  );
}
