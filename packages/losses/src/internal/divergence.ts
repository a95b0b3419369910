import * as tf from '@tensorflow/tfjs-core';

/**
 * `sum_c p log(p / q)` of each row, of log-probabilities [batch, classes]; not differentiable.
 *
 * Rows of p and q both sum to 1, so each term may be `p log(p / q) + q - p`. No term is negative then, and nothing
 * cancels: summing p log(p / q) alone leaves few digits at high temperatures, where it falls with 1 / T^2.
 */
export function divergence(logP: tf.Tensor, logQ: tf.Tensor): tf.Tensor1D {
  const [p, q] = [tf.exp(logP), tf.exp(logQ)];
  const ratio = tf.sub(logP, logQ);
  const near = tf.mul(p, tf.add(ratio, tf.expm1(tf.neg(ratio))));
  const far = tf.add(tf.mul(p, ratio), tf.sub(q, p)); // where expm1 may overflow
  const none = tf.equal(p, 0); // log p may be -Infinity there; p log p is 0
  return tf.sum(tf.where(none, q, tf.where(tf.less(tf.abs(ratio), 1), near, far)), 1);
}

/**
 * `KL(p || softmax(logits / T))` of each row, float32 [batch].
 *
 * The gradient, `(q - p) / T`, is written out: p is captured and not an input, so it has none (TF.js lacks
 * stopGradient), and the value may use operations that autodiff cannot cross.
 *
 * @param logP logarithms of the target's probabilities [batch, classes]
 */
export function divergenceFrom(logP: tf.Tensor, logits: tf.Tensor2D, temperature: number): tf.Tensor1D {
  return tf.customGrad((z, save) => {
    const logQ = tf.logSoftmax(tf.div(z as tf.Tensor, temperature));
    (save as (tensors: tf.Tensor[]) => void)([tf.exp(logQ), tf.exp(logP)]);
    return {
      value: divergence(logP, logQ),
      gradFunc: (dy: tf.Tensor, [q, p]: tf.Tensor[]) =>
        tf.mul(tf.div(tf.sub(q!, p!), temperature), tf.expandDims(dy, 1)),
    };
  })(logits) as tf.Tensor1D;
}
