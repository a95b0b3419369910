import * as tf from '@tensorflow/tfjs-core';
import { checkPair } from '../internal/checks.ts';
import { detach } from '../internal/detach.ts';
import { any, checkOptions, notNegative, positive } from '../internal/options.ts';
import { reduce, rowWeights, type SampleOptions } from '../internal/rows.ts';

export interface DistOptions extends Pick<SampleOptions, 'mask'> {
  /** Softens both distributions: `softmax(logits / temperature)`. > 0. @default 1 */
  temperature?: number;
  /** Weight of the relation between classes, `beta` of the paper, >= 0. @default 1 */
  interWeight?: number;
  /** Weight of the relation between samples, `gamma` of the paper, >= 0. @default 1 */
  intraWeight?: number;
}

/**
 * Pearson's correlation of a and b along an axis; 0, without gradient, where one of them is constant but for rounding.
 *
 * @param counts what is counted along the axis, 1 or 0; broadcasts to a and b
 */
function correlation(a: tf.Tensor, b: tf.Tensor, axis: number, counts: tf.Tensor): tf.Tensor1D {
  const n = tf.maximum(tf.sum(counts), 1);
  const sum = (x: tf.Tensor) => tf.sum(x, axis, true);
  const centre = (x: tf.Tensor) => tf.mul(tf.sub(x, tf.div(sum(tf.mul(x, counts)), n)), counts);
  // Twice, because the first mean is rounded: what is constant must not become a difference from it.
  const [x, y] = [centre(centre(a)), centre(centre(b))];
  const [xx, yy] = [sum(tf.square(x)), sum(tf.square(y))];
  const varies = (squares: tf.Tensor, of: tf.Tensor) =>
    tf.greater(detach(squares), tf.mul(sum(tf.square(tf.mul(detach(of), counts))), 1e-12));
  const both = tf.cast(tf.logicalAnd(varies(xx, a), varies(yy, b)), 'float32');
  const norm = (squares: tf.Tensor) => tf.sqrt(tf.add(squares, tf.sub(1, both))); // never of 0, which has no gradient
  const products = tf.mul(sum(tf.mul(x, y)), both);
  return tf.reshape(tf.div(products, tf.add(tf.mul(norm(xx), norm(yy)), 1e-8)), [-1]);
}

/**
 * DIST: the student's probabilities correlate with the teacher's, in each sample over the classes and in each class over
 * the samples; unlike with a divergence they need not be equal, which suits a teacher that is much stronger.
 *
 * `loss = T^2 * (interWeight * (1 - mean_rows r(q, p)) + intraWeight * (1 - mean_columns r(q, p)))`, with
 * `p = softmax(teacher / T)`, `q = softmax(student / T)` and `r` Pearson's correlation
 *
 * The second term couples the samples of a batch: there is no value for one sample, and no weights of samples. A row or
 * a column in which student or teacher are constant correlates 0 and gives no gradient; with one sample that is every
 * column, and a student whose last layer starts as zeros learns nothing until another loss moves it. The teacher gets no
 * gradient.
 *
 * @param studentLogits float32 [batch, classes]
 * @param teacherLogits float32 [batch, classes]
 * @param _labels not used; its place is kept so that losses on logits can be exchanged
 * @returns scalar, in [0, 2 T^2 (interWeight + intraWeight)]
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Huang et al. 2022, "Knowledge Distillation from A Stronger Teacher"; value and gradient
 * agree with the authors' code at T = 1, and with mmrazor's DISTLoss, which has the factor T^2. CIFAR-100: T = 4 and
 * both weights 2; ImageNet: T = 1 and 1.
 *
 * @example
 * import { distLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[2, -1, 0], [0, 3, 1]]);
 * const teacher = tf.tensor2d([[4, -2, 1], [0, 5, 3]]);
 * console.log(distLoss(student, teacher).dataSync()[0].toFixed(4)); // 0.3341
 */
export function distLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options: DistOptions = {},
): tf.Scalar {
  const { temperature = 1, interWeight = 1, intraWeight = 1 } = options;
  const rules = { temperature: positive, interWeight: notNegative, intraWeight: notNegative, mask: any };
  checkOptions('distLoss', options, rules);
  checkPair('distLoss', studentLogits, teacherLogits);
  const [batch, classes] = studentLogits.shape;
  return tf.tidy(() => {
    const weights = rowWeights('distLoss', batch, options);
    const q = tf.softmax(tf.div(studentLogits, temperature)); // [batch, classes]
    const p = tf.softmax(tf.div(detach(teacherLogits), temperature));
    const inter = reduce(tf.sub(1, correlation(q, p, 1, tf.ones([1, classes]))), 'mean', weights);
    const samples = tf.reshape(weights ?? tf.ones([batch]), [batch, 1]);
    const intra = tf.sub(1, tf.mean(correlation(q, p, 0, samples)));
    return tf.mul(tf.add<tf.Scalar>(tf.mul(inter, interWeight), tf.mul(intra, intraWeight)), temperature * temperature);
  });
}
