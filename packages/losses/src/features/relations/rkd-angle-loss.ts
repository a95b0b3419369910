import * as tf from '@tensorflow/tfjs-core';
import { customGrad } from '../../internal/custom-grad.ts';
import { distances } from '../../internal/distances.ts';
import { type RelationOptions, relationLoss } from '../../internal/relations.ts';
import { smoothL1Sum } from '../../internal/smooth-l1.ts';

/**
 * Cosine of the angle at sample i between j and k, [batch, batch, batch], by the law of cosines; 0 where i is j or k.
 *
 * The gradient takes for granted that `dy` is symmetric in j and k, as the cosines are, and that nothing comes back
 * through a distance that is 0.
 */
function cosines(distance: tf.Tensor2D): tf.Tensor3D {
  return customGrad(distance, (d) => {
    const squares = tf.square(d);
    const inverse = tf.divNoNan(1, d);
    const [toJ, toK] = [tf.expandDims(inverse, 2), tf.expandDims(inverse, 1)];
    const sides = tf.sub(tf.add(tf.expandDims(squares, 2), tf.expandDims(squares, 1)), squares);
    const cosine = tf.mul<tf.Tensor3D>(tf.mul(sides, tf.div(toJ, 2)), toK);
    return [
      cosine,
      [d, inverse, cosine],
      (dy, [d, inverse, cosine]) => {
        const perK = tf.mul(dy, tf.expandDims(inverse!, 1));
        const arms = tf.sub(tf.sum(perK, 2), tf.mul(inverse!, tf.sum(tf.mul(dy, cosine!), 2)));
        return tf.sub(tf.mul(arms, 2), tf.mul(d!, tf.sum(tf.mul(perK, tf.expandDims(inverse!, 2)), 0)));
      },
    ];
  });
}

/**
 * Relational distillation by angle: the triangles that samples form should have the teacher's shape.
 *
 * `loss = mean_ijk smoothL1(cos_s[i, j, k] - cos_t[i, j, k])`, with `cos[i, j, k]` of the angle at `x_i` between `x_j`
 * and `x_k`
 *
 * The mean is over all batch^3 triples; those in which i is j or k count as 0. `smoothL1(x)` is `x^2 / 2` where `|x| <
 * 1` and `|x| - 1/2` elsewhere. Rows that are closer than a thousandth of their length, measured from the mean of the
 * batch, are the same in float32: there is no angle at one towards the other, and no gradient. Fewer than three samples
 * give 0. Time and memory grow with batch^3, not with the width: about ten tensors of that size, 10 MB for a batch of
 * 64 and 80 MB for one of 128. Usual weight: 50, beside 25 for `rkdDistanceLoss`.
 *
 * @param studentFeatures float32 [batch, ...], flattened to one row for each sample
 * @param teacherFeatures float32 [batch, ...], of any other width; gets no gradient
 * @param _labels not used; its place is kept so that losses can be exchanged
 * @returns scalar
 * @throws {KdError} SHAPE_MISMATCH if batches differ, INVALID_ARGUMENT if an option does not exist
 *
 * Reference: Park et al. 2019, "Relational Knowledge Distillation"; value and gradient agree with RKD's own
 * code and mdistiller's RKD.
 *
 * @example
 * import { rkdAngleLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[0, 0], [0, 1], [2, 0]]);
 * const teacher = tf.tensor2d([[1, 0, 0], [0, 1, 0], [0, 0, 4]]);
 * console.log(rkdAngleLoss(student, teacher).dataSync()[0].toFixed(4)); // 0.0040
 */
export function rkdAngleLoss(
  studentFeatures: tf.Tensor,
  teacherFeatures: tf.Tensor,
  _labels?: tf.Tensor1D,
  options: RelationOptions = {},
): tf.Scalar {
  return relationLoss('rkdAngleLoss', studentFeatures, teacherFeatures, options, {}, (s, t, present) => {
    const [ofStudent, ofTeacher] = [s, t].map((x) => tf.tidy(() => cosines(distances(x, present))));
    return tf.div(smoothL1Sum(tf.sub(ofStudent!, ofTeacher!)), tf.pow(present.count, 3));
  });
}
