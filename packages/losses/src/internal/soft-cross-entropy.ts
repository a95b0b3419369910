import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from './divergence.ts';

/**
 * `-sum_c target[c] log softmax(logits)[c]` of each row, float32 [batch]; its gradient is `q sum(target) - target`.
 *
 * @param targets float32 [batch, classes]; constant
 */
export function softCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor): tf.Tensor1D {
  return withGradient(logits, (z) => {
    const logQ = tf.logSoftmax(z);
    const terms = tf.where(tf.equal(targets, 0), 0, tf.mul(targets, logQ)); // log q may be -Infinity there
    return [tf.neg(tf.sum(terms, 1)), tf.sub(tf.mul(tf.exp(logQ), tf.sum(targets, 1, true)), targets)];
  });
}
