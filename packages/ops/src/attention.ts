import * as tf from '@tensorflow/tfjs-core';
import { checkSameShape } from './checks.ts';
import { opError } from './errors.ts';
import { runKernelOp } from './kernel.ts';

export interface AttentionOptions {
  /** Factor of the scores. @default 1 / sqrt(depth) */
  scale?: number;
}

/**
 * Scaled dot-product attention of each head.
 *
 * `output = softmax(scale query key') value`
 *
 * Kernels `KdAttention` and `KdAttentionGrad` where the backend has them; else it keeps the weights,
 * [batch, heads, tokens, tokens], for the gradient.
 *
 * @param query float32 [batch, heads, tokens, depth]; so are key and value
 * @returns float32 [batch, heads, tokens, depth]
 * @throws {KdError} SHAPE_MISMATCH if the shapes differ or have another rank
 *
 * Reference: Vaswani et al. 2017, "Attention Is All You Need", eq. 1; value and gradients checked against doubles.
 *
 * @example
 * import { attention } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const ones = tf.ones<tf.Rank.R4>([1, 1, 2, 1]);
 * const y = attention(ones, ones, tf.tensor4d([1, 3], [1, 1, 2, 1]));
 * console.log(Array.from(y.dataSync())); // [ 2, 2 ]
 */
export function attention(
  query: tf.Tensor4D,
  key: tf.Tensor4D,
  value: tf.Tensor4D,
  { scale = 1 / Math.sqrt(query.shape[3]) }: AttentionOptions = {},
): tf.Tensor4D {
  if (query.rank !== 4) {
    const message = `attention: query must be [batch, heads, tokens, depth], got [${query.shape}]`;
    throw opError('SHAPE_MISMATCH', message, { query: query.shape });
  }
  checkSameShape('attention', { query, key, value });
  return tf.tidy(() => {
    const [output] = runKernelOp({
      name: 'KdAttention',
      inputs: { query, key, value },
      attrs: { scale },
      kept: ['query', 'key', 'value'],
      forward: () => {
        const weights = tf.softmax(tf.mul(tf.matMul(query, key, false, true), scale));
        return [tf.matMul(weights, value), weights];
      },
      backward: (dy, [q, k, v], [weights]) => {
        const dWeights = tf.matMul(dy, v!, false, true);
        const onAverage = tf.sum(tf.mul(dWeights, weights!), -1, true);
        const dScores = tf.mul(tf.mul(tf.sub(dWeights, onAverage), weights!), scale);
        return [tf.matMul(dScores, k!), tf.matMul(dScores, q!, true, false), tf.matMul(weights!, dy, true, false)];
      },
    });
    return output as tf.Tensor4D;
  });
}
