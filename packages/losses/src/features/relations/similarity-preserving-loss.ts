import * as tf from '@tensorflow/tfjs-core';
import { gram } from '../../internal/gram.ts';
import { type RelationOptions, relationLoss } from '../../internal/relations.ts';
import { unit } from '../../internal/unit.ts';

/**
 * Similarity-preserving distillation: samples that are alike to the teacher should be alike to the student.
 *
 * `loss = sum((G_s - G_t)^2) / batch^2`, with `G = F F^T`, each row divided by its Euclidean length
 *
 * A sample whose features are all 0 is like no other, nor like itself: its row of G stays 0. Usual weight: 3000, on the
 * last feature maps.
 *
 * @param studentFeatures float32 [batch, ...], flattened to one row for each sample
 * @param teacherFeatures float32 [batch, ...], of any other width; gets no gradient
 * @param _labels not used; its place is kept so that losses can be exchanged
 * @returns scalar
 * @throws {KdError} SHAPE_MISMATCH if batches differ, INVALID_ARGUMENT if an option does not exist
 *
 * Reference: Tung and Mori 2019, "Similarity-Preserving Knowledge Distillation"; value and gradient agree
 * with mdistiller's SP. (torchdistill's divides rows by their sum of absolute values, which is another loss.)
 *
 * @example
 * import { similarityPreservingLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[1, 0], [1, 1], [0, 2]]);
 * const teacher = tf.tensor2d([[1, 0, 0], [0, 1, 0], [0, 1, 1]]);
 * console.log(similarityPreservingLoss(student, teacher).dataSync()[0].toFixed(4)); // 0.0778
 */
export function similarityPreservingLoss(
  studentFeatures: tf.Tensor,
  teacherFeatures: tf.Tensor,
  _labels?: tf.Tensor1D,
  options: RelationOptions = {},
): tf.Scalar {
  return relationLoss('similarityPreservingLoss', studentFeatures, teacherFeatures, options, {}, (s, t, { count }) => {
    const similarity = (x: tf.Tensor2D) => unit(gram(x), 1);
    return tf.div(tf.sum(tf.squaredDifference(similarity(s), similarity(t))), tf.square(count));
  });
}
