import * as tf from '@tensorflow/tfjs-core';
import { opError } from './errors.ts';

/**
 * Cross-entropy of logits with target distributions, one value for each sample.
 *
 * `loss = -sum_c targets[c] * log softmax(logits)[c]`
 *
 * Right gradients for both arguments, `softmax(logits) * sum(targets) - targets` and `-log softmax(logits)`;
 * `tf.losses.softmaxCrossEntropy` takes `sum(targets) = 1` for granted and has another gradient for the targets.
 *
 * @param logits float32 [batch, classes]
 * @param targets float32 [batch, classes], >= 0; need not sum to 1
 * @returns float32 [batch]
 * @throws {KdError} SHAPE_MISMATCH if the shapes differ
 *
 * @example
 * import { softTargetCrossEntropy } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const loss = softTargetCrossEntropy(tf.tensor2d([[0, 0]]), tf.tensor2d([[0.25, 0.75]]));
 * console.log(loss.dataSync()[0].toFixed(4)); // 0.6931
 */
export function softTargetCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  if (logits.rank !== 2 || logits.shape.join() !== targets.shape.join()) {
    throw opError(
      'SHAPE_MISMATCH',
      `softTargetCrossEntropy: logits [${logits.shape}] and targets [${targets.shape}] must both be [batch, classes]`,
      { logits: logits.shape, targets: targets.shape },
    );
  }
  const rows = tf.customGrad((...args) => {
    const [z, t, save] = args as unknown as [tf.Tensor2D, tf.Tensor2D, (tensors: tf.Tensor[]) => void];
    const logQ = tf.logSoftmax(z);
    save([logQ, t]);
    return {
      value: tf.neg(tf.sum(tf.mul(t, logQ), 1)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [logProbabilities, target] = saved as [tf.Tensor, tf.Tensor];
        const upstream = tf.expandDims(dy, 1);
        const mass = tf.sum(target, 1, true);
        return [
          tf.mul(tf.sub(tf.mul(tf.exp(logProbabilities), mass), target), upstream),
          tf.mul(tf.neg(logProbabilities), upstream),
        ];
      },
    };
  });
  return rows(logits, targets) as tf.Tensor1D;
}
