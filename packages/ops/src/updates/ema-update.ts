import * as tf from '@tensorflow/tfjs-core';
import { hasKernels, runKernel } from '../kernel.ts';

/**
 * One step of an exponential moving average, as a new tensor.
 *
 * `decay * average + (1 - decay) * value`
 *
 * Kernel `KdEma` where the backend has it.
 *
 * @param average float32, any shape
 * @param value float32 of the same shape
 * @param decay share of the average that stays, in [0, 1]
 *
 * @example
 * import { emaUpdate } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * console.log(emaUpdate(tf.tensor1d([1]), tf.tensor1d([3]), 0.75).dataSync()[0]); // 1.5
 */
export function emaUpdate<T extends tf.Tensor>(average: T, value: T, decay: number): T {
  if (hasKernels('KdEma')) return runKernel('KdEma', { average, value }, { decay })[0] as T;
  return tf.tidy(() => tf.add(tf.mul(average, decay), tf.mul(value, 1 - decay)));
}
