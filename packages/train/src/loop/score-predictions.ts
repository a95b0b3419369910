import { KdError } from '@kd/core';
import { crossEntropy } from '@kd/losses';
import { accuracy } from '@kd/metrics';
import * as tf from '@tensorflow/tfjs-core';
import type { Predictions } from './ask-loader.ts';

/**
 * Mean cross-entropy and accuracy of answers that `predictLogits` gave.
 *
 * @throws {KdError} INVALID_DATA if they have no labels
 *
 * @example
 * import { scorePredictions } from '@kd/train';
 * const logits = Float32Array.of(0, 0, 3, 1);
 * const score = scorePredictions({ logits, labels: Int32Array.of(0, 0), ids: [0, 1], classes: 2 });
 * console.log(score.eval_accuracy, score.eval_loss.toFixed(4)); // 1 0.4100
 */
export function scorePredictions({ logits, labels, classes }: Predictions): {
  eval_loss: number;
  eval_accuracy: number;
} {
  if (!labels) throw new KdError('INVALID_DATA', 'evaluate: the data has no labels; use predictLogits');
  const loss = tf.tidy(
    () => crossEntropy(tf.tensor2d(logits, [labels.length, classes]), tf.tensor1d(labels, 'int32')).dataSync()[0]!,
  );
  return { eval_loss: loss, eval_accuracy: accuracy(logits, labels) };
}
