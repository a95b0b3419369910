import * as tf from '@tensorflow/tfjs-core';

/** Log-probabilities of logits at a temperature. */
export function soften(logits: tf.Tensor, temperature: number): tf.Tensor2D {
  return tf.logSoftmax<tf.Tensor2D>(tf.div<tf.Tensor2D>(logits, temperature));
}

/**
 * One loss for each row of logits, with its gradient written out. Only the logits get one: what `f` captures is constant
 * (TF.js lacks stopGradient), and `f` may use operations that autodiff cannot cross.
 *
 * @param f gives the losses [batch], and the gradient of each by its row [batch, classes]
 */
export function withGradient(
  logits: tf.Tensor2D,
  f: (logits: tf.Tensor2D) => [rows: tf.Tensor, gradient: tf.Tensor],
): tf.Tensor1D {
  return tf.customGrad((z, save) => {
    const [value, gradient] = f(z as tf.Tensor2D);
    (save as (tensors: tf.Tensor[]) => void)([gradient]);
    return { value, gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(saved!, tf.expandDims(dy, 1)) };
  })(logits) as tf.Tensor1D;
}

/**
 * `sum_c p log(p / q)` of each row, of log-probabilities [batch, classes]; not differentiable.
 *
 * Rows of p and q both sum to 1, so each term may be `p log(p / q) + q - p`. No term is negative then, and nothing
 * cancels between terms: summing p log(p / q) alone leaves few digits at high temperatures, where it falls with 1 / T^2.
 * Nor does anything cancel within a term, `p (r - 1 + exp(-r))` with `r = log(p / q)`: where r is small, `18 p (r / (r + 6))^2`
 * stands for it, which differs from r^5 on, by `r^3 / 540` of the term. (On GPUs and WebAssembly `expm1` is no more than
 * `exp(x) - 1`.)
 *
 * @returns with p and q, which gradients need
 */
export function divergence(logP: tf.Tensor, logQ: tf.Tensor): [rows: tf.Tensor1D, p: tf.Tensor, q: tf.Tensor] {
  const p = tf.exp(logP);
  const q = tf.exp(logQ);
  const ratio = tf.sub(logP, logQ);
  const near = tf.mul(tf.mul(p, 18), tf.square(tf.div(ratio, tf.add(ratio, 6))));
  const far = tf.add(tf.mul(p, ratio), tf.sub(q, p));
  const terms = tf.where(tf.less(tf.abs(ratio), 0.17), near, far);
  return [tf.sum(tf.where(tf.equal(p, 0), q, terms), 1), p, q]; // log p may be -Infinity; p log p is 0 there
}

/**
 * `T^2 KL(p || q)` of each row, `q = softmax(logits / T)`, float32 [batch]; its gradient is `T (q - p)`.
 *
 * @param logP logarithms of the target's probabilities [batch, classes]; constant
 */
export function divergenceFrom(logP: tf.Tensor, logits: tf.Tensor2D, temperature: number): tf.Tensor1D {
  return withGradient(logits, (z) => {
    const [rows, p, q] = divergence(logP, soften(z, temperature));
    return [tf.mul(temperature * temperature, rows), tf.mul(temperature, tf.sub(q, p))];
  });
}

/**
 * `KL(q || p)` of each row, with its gradient by the logits of q, `q (log(q / p) - KL)`: for `withGradient`.
 *
 * @param logP logarithms of the target's probabilities [batch, classes]; constant
 */
export function divergenceTo(logP: tf.Tensor, logQ: tf.Tensor): [rows: tf.Tensor1D, gradient: tf.Tensor] {
  const [rows, q] = divergence(logQ, logP);
  const ratio = tf.where(tf.equal(q, 0), 0, tf.sub(logQ, logP)); // log q may be -Infinity there
  return [rows, tf.mul(q, tf.sub(ratio, tf.expandDims(rows, 1)))];
}
