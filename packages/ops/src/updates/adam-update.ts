import * as tf from '@tensorflow/tfjs-core';
import { hasKernels, runKernel } from '../kernel.ts';

/** Name of the kernel that a backend may register: inputs value, gradient, firstMoment, secondMoment; attributes below. */
export const ADAM_KERNEL = 'KdAdam';

export interface AdamAttributes {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Updates so far, this one included: from 1. */
  step: number;
  /** Shrinks the value by `learningRate * weightDecay`, apart from the gradient, as in AdamW. @default 0 */
  weightDecay?: number;
}

/**
 * One update of Adam or AdamW, as new tensors: nothing is changed in place.
 *
 * `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`,
 * `value -= learningRate / (1 - b1^step) * m / (sqrt(v / (1 - b2^step)) + epsilon)`, with `weightDecay` after
 * `value *= 1 - learningRate * weightDecay`
 *
 * One kernel where the backend has `KdAdam`, else about ten operations on tensors of the variable's size.
 *
 * @param value float32, any shape; the other tensors have the same
 * @returns the new value and moments
 *
 * Reference: Kingma and Ba 2015, "Adam", algorithm 1, with epsilon where PyTorch has it; Loshchilov and Hutter 2019,
 * "Decoupled Weight Decay Regularization", algorithm 2, as torch.optim.AdamW.
 *
 * @example
 * import { adamUpdate } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const zero = tf.zeros([1]);
 * const options = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 1 };
 * const [value] = adamUpdate(tf.tensor1d([1]), tf.tensor1d([5]), zero, zero, options);
 * console.log(value.dataSync()[0].toFixed(4)); // 0.9000
 */
export function adamUpdate(
  value: tf.Tensor,
  gradient: tf.Tensor,
  firstMoment: tf.Tensor,
  secondMoment: tf.Tensor,
  attributes: AdamAttributes,
): [value: tf.Tensor, firstMoment: tf.Tensor, secondMoment: tf.Tensor] {
  const { learningRate, beta1, beta2, epsilon, step, weightDecay = 0 } = attributes;
  if (hasKernels(ADAM_KERNEL)) {
    const inputs = { value, gradient, firstMoment, secondMoment };
    return runKernel(ADAM_KERNEL, inputs, { ...attributes, weightDecay }) as [tf.Tensor, tf.Tensor, tf.Tensor];
  }
  return tf.tidy(() => {
    const first = tf.add(tf.mul(firstMoment, beta1), tf.mul(gradient, 1 - beta1));
    const second = tf.add(tf.mul(secondMoment, beta2), tf.mul(tf.square(gradient), 1 - beta2));
    const denominator = tf.add(tf.div(tf.sqrt(second), Math.sqrt(1 - beta2 ** step)), epsilon);
    const change = tf.mul(tf.div(first, denominator), learningRate / (1 - beta1 ** step));
    const shrunk = weightDecay === 0 ? value : tf.mul(value, 1 - learningRate * weightDecay);
    return [tf.sub(shrunk, change), first, second];
  });
}
