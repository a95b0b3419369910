import type { Batch, DataLoader } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type ForwardMode, readLogits } from '../engine/forward.ts';
import { askLoader, type Predictions } from './ask-loader.ts';

export interface PredictOptions {
  /** @default 'inference' */
  mode?: ForwardMode;
  /** Of dropout in the modes that have it. @default 0 */
  seed?: number;
  /** Answers for the model, where something faster can in mode 'inference'. @default the model itself */
  logits?: (batch: Batch) => Promise<Float32Array>;
  /** Told after each batch. */
  onProgress?: (done: number, total: number) => void | Promise<void>;
}

/**
 * A model's logits for every sample of a loader, in inference mode.
 *
 * @example
 * import { arrayDataset, dataLoader } from '@kd/data';
 * import { mlp } from '@kd/models';
 * import { predictLogits } from '@kd/train';
 * const dataset = arrayDataset({ images: { data: new Uint8Array(5 * 784), shape: [5, 28, 28] } });
 * const { logits } = await predictLogits(mlp({ hiddenSizes: [4], classNames: ['a', 'b'] }), dataLoader(dataset, { batchSize: 2 }));
 * console.log(logits.length); // 10
 */
export async function predictLogits(
  model: LayersModel,
  loader: DataLoader,
  { mode = 'inference', seed = 0, logits: ask, onProgress }: PredictOptions = {},
): Promise<Predictions> {
  return askLoader(loader, async (batch, context) => (ask ? ask(batch) : readLogits(model, batch, mode, context)), {
    seed,
    onProgress,
  });
}
