import * as tf from '@tensorflow/tfjs-core';
import { checkTensor } from './checks.ts';

/** Which samples count, and how much. Both are constants: they get no gradient. */
export interface SampleOptions {
  /** float32 [batch], >= 0. A mean divides by their sum. @default every sample counts 1 */
  sampleWeights?: tf.Tensor1D;
  /** bool [batch]; a row where it is false counts nothing, as those that pad the last batch. @default all true */
  mask?: tf.Tensor1D;
}

/** @returns float32 [batch], or undefined where every sample counts 1 */
export function rowWeights(
  caller: string,
  batch: number,
  { sampleWeights, mask }: SampleOptions,
): tf.Tensor1D | undefined {
  if (sampleWeights) checkTensor(caller, 'sampleWeights', sampleWeights, 'float32', [batch]);
  if (mask) checkTensor(caller, 'mask', mask, 'bool', [batch]);
  return mask ? tf.cast(sampleWeights ? tf.where(mask, sampleWeights, 0) : mask, 'float32') : sampleWeights;
}

/**
 * Takes the samples out whose label is `ignoreIndex`: they weigh nothing, and their label becomes a valid one, since
 * kernels read memory by it.
 */
export function withoutIgnored(
  labels: tf.Tensor1D,
  weights: tf.Tensor1D | undefined,
  ignoreIndex: number | undefined,
): [labels: tf.Tensor1D, weights: tf.Tensor1D | undefined] {
  if (ignoreIndex === undefined) return [labels, weights];
  const known = tf.notEqual(labels, tf.scalar(ignoreIndex, 'int32'));
  return [
    tf.where(known, labels, tf.zerosLike(labels)),
    weights ? tf.where(known, weights, tf.zerosLike(weights)) : (tf.cast(known, 'float32') as tf.Tensor1D),
  ];
}
