import * as tf from '@tensorflow/tfjs-core';
import { detach } from '../../internal/detach.ts';
import { fail } from '../../internal/errors.ts';
import { checkFeatures, checkSameFeatures, MAPS, meanOfEach } from '../../internal/features.ts';
import { averagePool } from '../../internal/resample.ts';
import { type RowOptions, rowLoss } from '../../internal/rows.ts';

/** One map or several of one network, float32 [batch, height, width, channels] each. */
export type MapLevels = tf.Tensor4D | readonly tf.Tensor4D[];

const listOf = (levels: MapLevels): readonly tf.Tensor4D[] => [levels].flat() as tf.Tensor4D[];

/** The loss of each sample, of one level. */
function levelRows(difference: tf.Tensor4D): tf.Tensor1D {
  const [, height, width] = difference.shape;
  let rows = meanOfEach(tf.square(difference));
  let [weight, weights] = [1, 1];
  for (const size of [4, 2, 1].filter((size) => size < Math.min(height, width))) {
    weight /= 2;
    weights += weight;
    // Pooling is linear: the difference of pooled maps is the pooled difference.
    rows = tf.add(rows, tf.mul(meanOfEach(tf.square(averagePool(difference, [size, size]))), weight));
  }
  return tf.div(rows, weights);
}

/**
 * The hierarchical context loss of knowledge review: squared differences of the maps, and of the maps pooled to 4 x 4,
 * 2 x 2 and 1 x 1, so that the whole picture counts beside the details.
 *
 * `loss = (mse + sum_k 2^-k mse(pooled_k)) / (1 + sum_k 2^-k)`, `k = 1, 2, …` over those sizes that are smaller than the
 * map; of several levels, their sum
 *
 * `reviewConnector` makes the student's levels. Usual weight: 1 or more, rising from 0 over the first 20 epochs.
 *
 * @param studentFeatures float32 [batch, height, width, channels], or a list of such levels
 * @param teacherFeatures the same of the same shapes; gets no gradient
 * @param _labels not used; its place is kept so that losses can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if an option is out of range or the levels are not
 * as many
 *
 * Reference: Chen et al. 2021, "Distilling Knowledge via Knowledge Review", on HCL; value and gradient agree with mdistiller's
 * hcl_loss.
 *
 * @example
 * import { hclLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor4d([1, 0, 0, 0], [1, 2, 2, 1]);
 * console.log(hclLoss(student, tf.zerosLike(student)).dataSync()[0].toFixed(4)); // 0.1875
 */
export function hclLoss(
  studentFeatures: MapLevels,
  teacherFeatures: MapLevels,
  _labels: tf.Tensor1D | undefined,
  options: RowOptions & { reduction: 'none' },
): tf.Tensor1D;
export function hclLoss(
  studentFeatures: MapLevels,
  teacherFeatures: MapLevels,
  _labels?: tf.Tensor1D,
  options?: RowOptions,
): tf.Scalar;
export function hclLoss(
  studentFeatures: MapLevels,
  teacherFeatures: MapLevels,
  _labels?: tf.Tensor1D,
  options: RowOptions = {},
): tf.Scalar | tf.Tensor1D {
  const caller = 'hclLoss';
  const [students, teachers] = [listOf(studentFeatures), listOf(teacherFeatures)];
  if (students.length !== teachers.length || students.length === 0) {
    fail(
      'INVALID_ARGUMENT',
      caller,
      `student and teacher must have as many levels, got ${students.length} and ${teachers.length}`,
      { student: students.length, teacher: teachers.length },
    );
  }
  students.forEach((student, i) => {
    checkFeatures(caller, 'studentFeatures', student, [students[0]!.shape?.[0] ?? 'batch', ...MAPS.slice(1)]);
    checkSameFeatures(caller, student, teachers[i]!);
  });
  return rowLoss(caller, students[0]!.shape[0], options, {}, () =>
    tf.addN(students.map((student, i) => levelRows(tf.sub(student, detach(teachers[i]!))))),
  );
}
