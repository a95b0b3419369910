import * as tf from '@tensorflow/tfjs-core';
import { opError } from '../errors.ts';
import { hasKernels, runKernel } from '../kernel.ts';

export interface SgdAttributes {
  learningRate: number;
  /** In [0, 1). @default 0 */
  momentum?: number;
  /** Look ahead by one step of momentum. @default false */
  nesterov?: boolean;
  /** Added to the gradient as `weightDecay * value`. @default 0 */
  weightDecay?: number;
}

/**
 * One update of stochastic gradient descent, as new tensors: nothing is changed in place.
 *
 * `g = gradient + weightDecay * value`, `velocity = momentum * velocity + g`,
 * `value -= learningRate * (nesterov ? g + momentum * velocity : velocity)`; without momentum
 * `value -= learningRate * g`
 *
 * Kernel `KdSgd` where the backend has it.
 *
 * @param value float32, any shape; the other tensors have the same
 * @param velocity zeros at first; `undefined` if momentum is 0
 * @returns the new value, and with momentum the new velocity
 * @throws {KdError} INVALID_ARGUMENT if there is a velocity without momentum or the other way round
 *
 * Reference: Sutskever et al. 2013 in the form of torch.optim.SGD.
 *
 * @example
 * import { sgdUpdate } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const options = { learningRate: 0.1, momentum: 0.9 };
 * const [value, velocity] = sgdUpdate(tf.tensor1d([1]), tf.tensor1d([5]), tf.zeros([1]), options);
 * console.log(value.dataSync()[0], velocity.dataSync()[0]); // 0.5 5
 */
export function sgdUpdate(
  value: tf.Tensor,
  gradient: tf.Tensor,
  velocity: tf.Tensor,
  attributes: SgdAttributes,
): [value: tf.Tensor, velocity: tf.Tensor];
export function sgdUpdate(
  value: tf.Tensor,
  gradient: tf.Tensor,
  velocity: undefined,
  attributes: SgdAttributes,
): [value: tf.Tensor];
export function sgdUpdate(
  value: tf.Tensor,
  gradient: tf.Tensor,
  velocity: tf.Tensor | undefined,
  { learningRate, momentum = 0, nesterov = false, weightDecay = 0 }: SgdAttributes,
): tf.Tensor[] {
  if ((velocity === undefined) !== (momentum === 0)) {
    throw opError(
      'INVALID_ARGUMENT',
      `sgdUpdate: momentum is ${momentum}, so there must be ${momentum === 0 ? 'no' : 'a'} velocity`,
      { momentum },
    );
  }
  if (hasKernels('KdSgd')) {
    const inputs = { value, gradient, ...(velocity ? { velocity } : {}) };
    return runKernel('KdSgd', inputs, { learningRate, momentum, nesterov, weightDecay });
  }
  return tf.tidy(() => {
    const slope = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(value, weightDecay));
    const moved = velocity ? tf.add(tf.mul(velocity, momentum), slope) : slope;
    const direction = nesterov ? tf.add(slope, tf.mul(moved, momentum)) : moved;
    const updated = tf.sub(value, tf.mul(direction, learningRate));
    return velocity ? [updated, moved] : [updated];
  });
}
