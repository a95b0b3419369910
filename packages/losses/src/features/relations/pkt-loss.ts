import * as tf from '@tensorflow/tfjs-core';
import { divergenceFrom } from '../../internal/divergence.ts';
import { gram } from '../../internal/gram.ts';
import { type RelationOptions, relationLoss } from '../../internal/relations.ts';
import { unit } from '../../internal/unit.ts';

/**
 * Probabilistic knowledge transfer: who is near whom in a batch, as probabilities, should be as the teacher sees it.
 *
 * `loss = sum_ij p[i, j] log(p[i, j] / q[i, j]) / batch^2`, with p (teacher) and q (student) the similarities
 * `(cos(x_i, x_j) + 1) / 2`, each row divided by its sum
 *
 * Each sample is its own neighbour too, and the mean is over all batch^2 pairs: hence the large usual weight, 30000. A
 * sample whose features are all 0 has cosine 0 with every sample, without gradient. Similarities below 1e-7 count as
 * 1e-7 (opposite directions). The terms are summed in a form in which none is negative, so small losses keep their
 * digits.
 *
 * @param studentFeatures float32 [batch, ...], flattened to one row for each sample
 * @param teacherFeatures float32 [batch, ...], of any other width; gets no gradient
 * @param _labels not used; its place is kept so that losses can be exchanged
 * @returns scalar
 * @throws {KdError} SHAPE_MISMATCH if batches differ, INVALID_ARGUMENT if an option does not exist
 *
 * Reference: Passalis and Tefas 2018, "Learning Deep Representations with Probabilistic Knowledge Transfer"; value and
 * gradient agree with probabilistic_kt and mdistiller's PKT, whose 1e-7 is added to lengths and probabilities instead.
 *
 * @example
 * import { pktLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[1, 0], [1, 1], [0, 2]]);
 * const teacher = tf.tensor2d([[1, 0, 0], [0, 1, 0], [0, 1, 1]]);
 * console.log(pktLoss(student, teacher).dataSync()[0].toFixed(4)); // 0.0062
 */
export function pktLoss(
  studentFeatures: tf.Tensor,
  teacherFeatures: tf.Tensor,
  _labels?: tf.Tensor1D,
  options: RelationOptions = {},
): tf.Scalar {
  return relationLoss('pktLoss', studentFeatures, teacherFeatures, options, {}, (s, t, { count, weights }) => {
    // Logits of which the probabilities are the softmax.
    const logits = (x: tf.Tensor2D) => {
      const similarity = tf.log(tf.maximum(tf.div(tf.add(gram(unit(x, 1)), 1), 2), 1e-7));
      return (weights ? tf.where(tf.cast(weights, 'bool'), similarity, -1e9) : similarity) as tf.Tensor2D;
    };
    const rows = divergenceFrom(tf.logSoftmax(logits(t)), logits(s), 1);
    return tf.div(tf.sum(weights ? tf.mul(rows, weights) : rows), tf.square(count));
  });
}
