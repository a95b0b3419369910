import { type Batch, type DataLoader, numericIds, type StepContext } from '@kd/core';
import { createBreather } from './breathe.ts';

/** Somebody's answers for a whole loader. */
export interface Predictions {
  /** float32 [samples, classes], row-major, in the loader's order. */
  logits: Float32Array;
  /** Absent if any batch has no labels. */
  labels?: Int32Array;
  ids: (number | string)[];
  classes: number;
}

/** Asks about every sample of a loader, batch by batch. */
export async function askLoader(
  loader: DataLoader,
  ask: (batch: Batch, context: StepContext) => Promise<Float32Array>,
  {
    seed = 0,
    onProgress,
  }: { seed?: number; onProgress?: ((done: number, total: number) => void | Promise<void>) | undefined } = {},
): Promise<Predictions> {
  const breathe = createBreather();
  const ids: (number | string)[] = [];
  const parts: Float32Array[] = [];
  const labels: Int32Array[] = [];
  let step = 0;
  for await (const batch of loader) {
    parts.push(await ask(batch, { seed, epoch: 0, step: step++, ids: numericIds(batch.ids) }));
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
