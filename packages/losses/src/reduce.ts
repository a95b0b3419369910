import * as tf from '@tensorflow/tfjs-core';

/** How per-sample losses become one number: their mean, their sum, or not at all. */
export type Reduction = 'mean' | 'sum' | 'none';

export const REDUCTIONS: readonly Reduction[] = ['mean', 'sum', 'none'];

/** @param losses float32 [batch] */
export function reduce(losses: tf.Tensor1D, reduction: Reduction): tf.Scalar | tf.Tensor1D {
  switch (reduction) {
    case 'mean':
      return tf.mean(losses);
    case 'sum':
      return tf.sum(losses);
    case 'none':
      return losses;
  }
}
