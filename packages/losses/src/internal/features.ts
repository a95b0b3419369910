import * as tf from '@tensorflow/tfjs-core';
import { checkTensor } from './checks.ts';

export const MAPS: readonly string[] = ['batch', 'height', 'width', 'channels'];

/** A float32 tensor that is not empty, of the wanted sizes; words stand for any. */
export function checkFeatures(
  caller: string,
  name: string,
  features: tf.Tensor,
  wanted: readonly (number | string)[],
  why = '',
): void {
  const shape = features?.shape ?? [];
  const fits =
    features?.size > 0 &&
    shape.length === wanted.length &&
    wanted.every((size, i) => typeof size === 'string' || size === shape[i]);
  checkTensor(caller, name, features, 'float32', fits ? shape : wanted, why);
}

/** Student and teacher of the very same shape, [batch, ..., channels]. TF.js would broadcast in silence. */
export function checkSameFeatures(caller: string, student: tf.Tensor, teacher: tf.Tensor): void {
  const name = 'studentFeatures';
  const usable = student?.rank > 1 && student.size > 0;
  checkTensor(caller, name, student, 'float32', usable ? student.shape : ['batch', '...', 'channels']);
  checkTensor(caller, 'teacherFeatures', teacher, 'float32', student.shape, ` as ${name}`);
}

/** Maps of the same batch; sizes and channels may differ. */
export function checkMaps(caller: string, student: tf.Tensor4D, teacher: tf.Tensor4D): void {
  checkFeatures(caller, 'studentFeatures', student, MAPS);
  checkFeatures(caller, 'teacherFeatures', teacher, [student.shape[0], ...MAPS.slice(1)]);
}

/** Mean over all but the first dimension, float32 [batch]. */
export function meanOfEach(x: tf.Tensor): tf.Tensor1D {
  return tf.mean(tf.reshape(x, [x.shape[0]!, -1]), 1);
}
