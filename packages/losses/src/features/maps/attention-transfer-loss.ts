import * as tf from '@tensorflow/tfjs-core';
import { detach } from '../../internal/detach.ts';
import { checkMaps, meanOfEach } from '../../internal/features.ts';
import { oneOf, type Rule } from '../../internal/options.ts';
import { toSameSize } from '../../internal/resample.ts';
import { type RowOptions, rowLoss } from '../../internal/rows.ts';
import { unit } from '../../internal/unit.ts';

export interface AttentionTransferOptions extends RowOptions {
  /** `'code'`, the authors': mean of squared differences. `'paper'`: their 2-norm. @default 'code' */
  form?: 'code' | 'paper';
  /** Of the activations, >= 1; the larger it is, the more the strongest count. @default 2 */
  power?: number;
}

/** Where a map is active, float32 [batch, height * width], of length 1. */
function attention(maps: tf.Tensor4D, power: number): tf.Tensor2D {
  const [batch, height, width] = maps.shape;
  // Not tf.abs, whose gradient at 0 is -1.
  const active = power === 2 ? tf.square(maps) : tf.pow(tf.mul(maps, tf.sign(maps)), power);
  return unit(tf.reshape(tf.mean(active, 3), [batch, height * width]), 1);
}

/**
 * Attention transfer: the student should be active where the teacher is.
 *
 * `A = mean_c(|F|^power)`, flattened and divided by its length; `loss = mean((A_s - A_t)^2)` over samples and positions,
 * or with `form: 'paper'` `mean_batch(||A_s - A_t||)`
 *
 * The channels may differ, since they are averaged. Of maps of different sizes the larger is average-pooled to the
 * smaller. Usual weights: 1000 for 'code', summed over stages. A map that is zero everywhere has a zero attention, and
 * gets no gradient from it.
 *
 * @param studentFeatures float32 [batch, height, width, channels]
 * @param teacherFeatures float32 [batch, any height, any width, any channels]; gets no gradient
 * @param _labels not used; its place is kept so that losses can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if they are no maps of one batch, INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Zagoruyko and Komodakis 2017, "Paying More Attention to Attention", eq. 2; value and gradient agree with
 * the authors' attention-transfer and mdistiller ('code') and with torchdistill ('paper').
 *
 * @example
 * import { attentionTransferLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor4d([1, 0, 0, 1], [1, 2, 2, 1]);
 * const teacher = tf.tensor4d([1, 1, 0, 0, 0, 0, 0, 0], [1, 2, 2, 2]);
 * console.log(attentionTransferLoss(student, teacher).dataSync()[0].toFixed(4)); // 0.1464
 */
export function attentionTransferLoss(
  studentFeatures: tf.Tensor4D,
  teacherFeatures: tf.Tensor4D,
  _labels: tf.Tensor1D | undefined,
  options: AttentionTransferOptions & { reduction: 'none' },
): tf.Tensor1D;
export function attentionTransferLoss(
  studentFeatures: tf.Tensor4D,
  teacherFeatures: tf.Tensor4D,
  _labels?: tf.Tensor1D,
  options?: AttentionTransferOptions,
): tf.Scalar;
export function attentionTransferLoss(
  studentFeatures: tf.Tensor4D,
  teacherFeatures: tf.Tensor4D,
  _labels?: tf.Tensor1D,
  options: AttentionTransferOptions = {},
): tf.Scalar | tf.Tensor1D {
  const caller = 'attentionTransferLoss';
  const { form = 'code', power = 2 } = options;
  checkMaps(caller, studentFeatures, teacherFeatures);
  const atLeastOne: Rule = (value: number) => (value >= 1 && value < Infinity) || '>= 1';
  const rules = { form: oneOf('code', 'paper'), power: atLeastOne };
  return rowLoss(caller, studentFeatures.shape[0], options, rules, () => {
    const [s, t] = toSameSize(studentFeatures, detach(teacherFeatures));
    const squares = tf.squaredDifference(attention(s, power), attention(t, power));
    if (form === 'code') return meanOfEach(squares);
    // Without the bound the gradient would be NaN where the attentions are equal.
    return tf.sqrt(tf.maximum(tf.sum<tf.Tensor1D>(squares, 1), 1e-24)) as tf.Tensor1D;
  });
}
