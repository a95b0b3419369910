import * as tf from '@tensorflow/tfjs-core';
import { gram } from '../../internal/gram.ts';
import { count } from '../../internal/layers.ts';
import { positive } from '../../internal/options.ts';
import { type RelationOptions, relationLoss } from '../../internal/relations.ts';
import { unit } from '../../internal/unit.ts';

export interface CorrelationCongruenceOptions extends RelationOptions {
  /**
   * Of the Gaussian kernel `exp(-gamma |x - y|^2)`: the larger, the nearer samples must be to count as alike. > 0.
   * @default 0.4
   */
  gamma?: number;
  /** Of the kernel's Taylor polynomial. A whole number > 0. @default 2 */
  order?: number;
}

/**
 * Correlation congruence: the samples of a batch should correlate for the student as they do for the teacher.
 *
 * `loss = sum_ij (K_s[i, j] - K_t[i, j])^2 / batch^2`, with the Taylor polynomial of the Gaussian kernel between unit
 * rows, `K[i, j] = exp(-2 gamma) sum_p (2 gamma x_i . x_j)^p / p!`, p from 0 to `order`
 *
 * A sample whose features are all 0 has the product 0 with every sample, without gradient. Usual weight: .02.
 *
 * @param studentFeatures float32 [batch, ...], flattened to one row for each sample
 * @param teacherFeatures float32 [batch, ...], of any other width; gets no gradient
 * @param _labels not used; its place is kept so that losses can be exchanged
 * @returns scalar
 * @throws {KdError} SHAPE_MISMATCH if batches differ, INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Peng et al. 2019, "Correlation Congruence for Knowledge Distillation"; value and gradient agree with the
 * definition. Known codes differ from it and from each other: torchdistill's takes the root of the sum and rows as they
 * are, RepDistiller's compares neighbours in the batch.
 *
 * @example
 * import { correlationCongruenceLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[1, 0], [1, 1], [0, 2]]);
 * const teacher = tf.tensor2d([[1, 0, 0], [0, 1, 0], [0, 1, 1]]);
 * console.log(correlationCongruenceLoss(student, teacher).dataSync()[0].toFixed(4)); // 0.0236
 */
export function correlationCongruenceLoss(
  studentFeatures: tf.Tensor,
  teacherFeatures: tf.Tensor,
  _labels?: tf.Tensor1D,
  options: CorrelationCongruenceOptions = {},
): tf.Scalar {
  const { gamma = 0.4, order = 2 } = options;
  return relationLoss(
    'correlationCongruenceLoss',
    studentFeatures,
    teacherFeatures,
    options,
    { gamma: positive, order: count },
    (s, t, present) => {
      const kernel = (x: tf.Tensor2D) => {
        const z = tf.mul(gram(unit(x, 1)), 2 * gamma);
        let sum: tf.Tensor = tf.onesLike(z);
        for (let p = order; p > 0; p--) sum = tf.add(tf.mul(sum, tf.div(z, p)), 1); // Horner's scheme
        return tf.mul(sum, Math.exp(-2 * gamma));
      };
      return tf.div(tf.sum(tf.squaredDifference(kernel(s), kernel(t))), tf.square(present.count));
    },
  );
}
