import type * as tf from '@tensorflow/tfjs-core';
import { opError } from './errors.ts';

/** Asserts that each of some tensors has one value for each channel of x. */
export function checkChannels(caller: string, x: tf.Tensor, perChannel: Record<string, tf.Tensor>): void {
  const channels = x.shape[x.rank - 1];
  for (const [name, tensor] of Object.entries(perChannel)) {
    if (tensor.rank !== 1 || tensor.shape[0] !== channels) {
      throw opError(
        'SHAPE_MISMATCH',
        `${caller}: ${name} must have shape [${channels}], the last dimension of x [${x.shape}], got [${tensor.shape}]`,
        { x: x.shape, [name]: tensor.shape },
      );
    }
  }
}

/** Asserts that some tensors have the shape of the first. */
export function checkSameShape(caller: string, tensors: Record<string, tf.Tensor>): void {
  const [[firstName, first], ...others] = Object.entries(tensors) as [[string, tf.Tensor], ...[string, tf.Tensor][]];
  for (const [name, tensor] of others) {
    if (tensor.shape.join() !== first.shape.join()) {
      throw opError(
        'SHAPE_MISMATCH',
        `${caller}: ${firstName} [${first.shape}] and ${name} [${tensor.shape}] must have the same shape`,
        { [firstName]: first.shape, [name]: tensor.shape },
      );
    }
  }
}
