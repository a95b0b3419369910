import { type Batch, type DataLoader, numericIds } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type ForwardMode, readLogits } from '../engine/forward.ts';
import { createBreather } from './breathe.ts';

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

/** A model's answers for a whole loader. */
export interface Predictions {
  /** float32 [samples, classes], row-major, in the loader's order. */
  logits: Float32Array;
  /** Absent if any batch has no labels. */
  labels?: Int32Array;
  ids: (number | string)[];
  classes: number;
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
  const breathe = createBreather();
  const ids: (number | string)[] = [];
  const parts: Float32Array[] = [];
  const labels: Int32Array[] = [];
  let step = 0;
  for await (const batch of loader) {
    const context = { seed, epoch: 0, step: step++, ids: numericIds(batch.ids) };
    parts.push(await (ask ? ask(batch) : readLogits(model, batch, mode, context)));
    if (batch.labels) labels.push(batch.labels);
    for (const id of batch.ids) ids.push(id);
    await onProgress?.(ids.length, loader.sampleCount);
    await breathe();
  }
  const logits = concatenate(Float32Array, parts);
  return {
    logits,
    ids,
    classes: logits.length / ids.length,
    ...(labels.length === parts.length ? { labels: concatenate(Int32Array, labels) } : {}),
  };
}

function concatenate<T extends Float32Array | Int32Array>(Type: new (length: number) => T, parts: T[]): T {
  const result = new Type(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}
