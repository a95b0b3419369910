import * as tf from '@tensorflow/tfjs-core';
import { detach } from '../../internal/detach.ts';
import { checkFeatures, MAPS, meanOfEach } from '../../internal/features.ts';
import { toSameSize } from '../../internal/resample.ts';
import { type RowOptions, rowLoss } from '../../internal/rows.ts';

/** Two maps of one network, float32 [batch, height, width, channels]. */
export type MapPair = readonly [earlier: tf.Tensor4D, later: tf.Tensor4D];

/** How the channels of two maps go together: float32 [batch, channels of the earlier, channels of the later]. */
function flow(...pair: [tf.Tensor4D, tf.Tensor4D]): tf.Tensor3D {
  const [earlier, later] = toSameSize(...pair).map((maps) => {
    const [batch, height, width, channels] = maps.shape;
    return tf.reshape(maps, [batch, height * width, channels]);
  }) as [tf.Tensor3D, tf.Tensor3D];
  return tf.div(tf.matMul(earlier, later, true), earlier.shape[1]);
}

/**
 * The flow of the solution procedure: how features of one layer turn into those of a later one, in the student as in
 * the teacher.
 *
 * `loss = mean((G_s - G_t)^2)` over samples and pairs of channels, with `G[i, j] = mean_hw(earlier_i * later_j)`
 *
 * Within a pair the larger map is average-pooled to the smaller. Student and teacher need the same channels, earlier and
 * later; their sizes may differ. The paper trains on it alone at first; usual weight beside other losses: 50.
 *
 * @param studentFeatures two maps, float32 [batch, height, width, channels]
 * @param teacherFeatures two maps with the channels of the student's; they get no gradient
 * @param _labels not used; its place is kept so that losses can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if batches or channels differ, INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Yim et al. 2017, "A Gift from Knowledge Distillation", eq. 1 and 2; value and gradient agree with
 * RepDistiller's FSP.
 *
 * @example
 * import { fspLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const [early, late] = [tf.ones<tf.Rank.R4>([1, 4, 4, 3]), tf.ones<tf.Rank.R4>([1, 2, 2, 5])];
 * console.log(fspLoss([early, late], [early, tf.mul(late, 3)]).dataSync()[0].toFixed(4)); // 4.0000
 */
export function fspLoss(
  studentFeatures: MapPair,
  teacherFeatures: MapPair,
  _labels: tf.Tensor1D | undefined,
  options: RowOptions & { reduction: 'none' },
): tf.Tensor1D;
export function fspLoss(
  studentFeatures: MapPair,
  teacherFeatures: MapPair,
  _labels?: tf.Tensor1D,
  options?: RowOptions,
): tf.Scalar;
export function fspLoss(
  studentFeatures: MapPair,
  teacherFeatures: MapPair,
  _labels?: tf.Tensor1D,
  options: RowOptions = {},
): tf.Scalar | tf.Tensor1D {
  const caller = 'fspLoss';
  const batch = studentFeatures?.[0]?.shape?.[0] ?? 'batch';
  ['earlier', 'later'].forEach((layer, i) => {
    const [student, teacher] = [studentFeatures?.[i], teacherFeatures?.[i]] as [tf.Tensor4D, tf.Tensor4D];
    checkFeatures(caller, `${layer} studentFeatures`, student, [batch, ...MAPS.slice(1)]);
    const wanted = [batch, 'height', 'width', student.shape[3]];
    checkFeatures(caller, `${layer} teacherFeatures`, teacher, wanted, " with the student's channels");
  });
  return rowLoss(caller, studentFeatures[0].shape[0], options, {}, () => {
    const [earlier, later] = teacherFeatures;
    return meanOfEach(tf.squaredDifference(flow(...studentFeatures), flow(detach(earlier), detach(later))));
  });
}
