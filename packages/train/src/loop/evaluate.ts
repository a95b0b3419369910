import type { DataLoader } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Predictions } from './ask-loader.ts';
import { type ComputeMetrics, computedMetrics, type Prefixed } from './compute-metrics.ts';
import { type PredictOptions, predictLogits } from './predict-logits.ts';
import { scorePredictions } from './score-predictions.ts';

/** By the names of Hugging Face's Trainer. A type, not an interface, so that it is a `Record<string, number>` as well. */
export type EvaluateResult = {
  /** Mean cross-entropy with the labels, whatever the model was trained on. */
  eval_loss: number;
  eval_accuracy: number;
  /** Seconds. */
  eval_runtime: number;
  eval_samples_per_second: number;
  /** Batches. */
  eval_steps_per_second: number;
};

/** @typeParam Name - what `computeMetrics` computes */
export interface EvaluateOptions<Name extends string = string> extends PredictOptions {
  /** Further metrics: `eval_<name>` in the result. */
  computeMetrics?: ComputeMetrics<Name>;
  /** Told the answers that the scores are made from. */
  onPredictions?: (predictions: Predictions) => void | Promise<void>;
}

/**
 * Loss and accuracy of a model on labelled data, in inference mode, and what `computeMetrics` makes of its answers.
 *
 * @throws {KdError} INVALID_DATA if a batch has no labels, or `computeMetrics` gives something that is no number
 *
 * @example
 * import { arrayDataset, dataLoader } from '@kd/data';
 * import { computeMetrics } from '@kd/metrics';
 * import { mlp } from '@kd/models';
 * import { evaluate } from '@kd/train';
 * const dataset = arrayDataset({ images: { data: new Uint8Array(784), shape: [1, 28, 28] }, labels: [1], classNames: ['a', 'b'] });
 * const model = mlp({ hiddenSizes: [], classNames: ['a', 'b'] });
 * const { eval_loss, eval_f1 } = await evaluate(model, dataLoader(dataset, { batchSize: 1 }), { computeMetrics });
 * console.log(eval_loss.toFixed(4), eval_f1); // 0.6931 0
 */
export async function evaluate<Name extends string = never>(
  model: LayersModel,
  loader: DataLoader,
  { computeMetrics, onPredictions, onProgress, ...options }: EvaluateOptions<Name> = {},
): Promise<EvaluateResult & Record<Prefixed<Name>, number>> {
  const start = performance.now();
  let batches = 0;
  const predicted = await predictLogits(model, loader, {
    ...options,
    onProgress(done, total) {
      batches += 1;
      return onProgress?.(done, total);
    },
  });
  const score = scorePredictions(predicted);
  const seconds = (performance.now() - start) / 1000;
  await onPredictions?.(predicted);
  return {
    ...score,
    ...(computeMetrics ? computedMetrics(computeMetrics, predicted) : {}),
    eval_runtime: seconds,
    eval_samples_per_second: predicted.ids.length / seconds,
    eval_steps_per_second: batches / seconds,
  } as EvaluateResult & Record<Prefixed<Name>, number>;
}
