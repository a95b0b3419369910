import type { DataLoader } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type PredictOptions, predictLogits } from './predict-logits.ts';
import { scorePredictions } from './score-predictions.ts';

/** By the names of Hugging Face's Trainer. */
export interface EvaluateResult {
  /** Mean cross-entropy with the labels, whatever the model was trained on. */
  eval_loss: number;
  eval_accuracy: number;
  /** Seconds. */
  eval_runtime: number;
  eval_samples_per_second: number;
}

/**
 * Loss and accuracy of a model on labelled data, in inference mode.
 *
 * @throws {KdError} INVALID_DATA if a batch has no labels
 *
 * @example
 * import { arrayDataset, dataLoader } from '@kd/data';
 * import { mlp } from '@kd/models';
 * import { evaluate } from '@kd/train';
 * const dataset = arrayDataset({ images: { data: new Uint8Array(784), shape: [1, 28, 28] }, labels: [1], classNames: ['a', 'b'] });
 * const model = mlp({ hiddenSizes: [], classNames: ['a', 'b'] });
 * const { eval_loss } = await evaluate(model, dataLoader(dataset, { batchSize: 1 }));
 * console.log(eval_loss.toFixed(4)); // 0.6931
 */
export async function evaluate(
  model: LayersModel,
  loader: DataLoader,
  options: PredictOptions = {},
): Promise<EvaluateResult> {
  const start = performance.now();
  const predicted = await predictLogits(model, loader, options);
  const score = scorePredictions(predicted);
  const seconds = (performance.now() - start) / 1000;
  return { ...score, eval_runtime: seconds, eval_samples_per_second: predicted.ids.length / seconds };
}
