import * as tf from '@tensorflow/tfjs-core';
import { detach } from '../../internal/detach.ts';
import { checkSameFeatures, meanOfEach } from '../../internal/features.ts';
import { type RowOptions, rowLoss } from '../../internal/rows.ts';

/**
 * FitNets' hint: the squared distance of the student's features from the teacher's.
 *
 * `loss = mean((s - t)^2)` over all elements
 *
 * The paper has `||s - t||^2 / 2` of a sample instead, which is this one times half of the elements of a sample; like
 * the code that is in use, this one keeps its size when maps grow. The paper also trains the lower half of the student
 * on it first; today it is added to the other losses, with a weight of about 100. Features of unequal width go through
 * `convConnector` or `linearConnector` first, maps of unequal size through `poolTo`.
 *
 * @param studentFeatures float32 [batch, ..., channels]: maps or vectors
 * @param teacherFeatures float32, of the same shape; gets no gradient
 * @param _labels not used; its place is kept so that losses can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Romero et al. 2015, "FitNets: Hints for Thin Deep Nets", eq. 3; value and gradient agree with mdistiller's
 * FitNet.
 *
 * @example
 * import { hintLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const loss = hintLoss(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[1, 0], [3, 5]]));
 * console.log(loss.dataSync()[0].toFixed(4)); // 1.2500
 */
export function hintLoss(
  studentFeatures: tf.Tensor,
  teacherFeatures: tf.Tensor,
  _labels: tf.Tensor1D | undefined,
  options: RowOptions & { reduction: 'none' },
): tf.Tensor1D;
export function hintLoss(
  studentFeatures: tf.Tensor,
  teacherFeatures: tf.Tensor,
  _labels?: tf.Tensor1D,
  options?: RowOptions,
): tf.Scalar;
export function hintLoss(
  studentFeatures: tf.Tensor,
  teacherFeatures: tf.Tensor,
  _labels?: tf.Tensor1D,
  options: RowOptions = {},
): tf.Scalar | tf.Tensor1D {
  const caller = 'hintLoss';
  checkSameFeatures(caller, studentFeatures, teacherFeatures);
  return rowLoss(caller, studentFeatures.shape[0]!, options, {}, () =>
    meanOfEach(tf.squaredDifference(studentFeatures, detach(teacherFeatures))),
  );
}
