import { readFile } from 'node:fs/promises';
import { KdError, type NamedTensor, readSafetensors, writeSafetensors } from '@kd/core';
import { writeFileAtomic } from '@kd/core/node';
import type { Callback } from '../callbacks/callback.ts';
import type { Predictions } from '../loop/ask-loader.ts';

/** Predictions as a safetensors file: `logits`, `labels`, and the ids as JSON in its metadata. */
export function encodePredictions({ logits, labels, ids, classes }: Predictions): Uint8Array {
  const tensors: NamedTensor[] = [
    { name: 'logits', shape: [ids.length, classes], data: logits },
    ...(labels ? [{ name: 'labels', shape: [ids.length], data: labels }] : []),
  ];
  return writeSafetensors(tensors, { ids: JSON.stringify(ids) });
}

/**
 * Keeps the model's answers to the validation images in a file, for `readPredictions`: those of the weights that
 * `selectBest` keeps, else of the last evaluation. A safetensors file with `logits` [samples, classes], `labels` [samples],
 * and the ids as JSON in its metadata.
 *
 * @param path made if missing, with its folders; replaced as a whole
 *
 * @example
 * import { predictionsFile } from '@kd/train/node';
 * const callback = predictionsFile('runs/scratch/predictions.safetensors');
 * console.log(typeof callback.onPredictions); // function
 */
export function predictionsFile(path: string): Callback {
  let pending: Predictions | undefined;
  let hasBest = false;
  return {
    onPredictions(predictions) {
      pending = predictions;
    },
    async onEvaluate(_, { isBest }) {
      hasBest ||= isBest;
      if (!pending || (hasBest && !isBest)) return;
      await writeFileAtomic(path, encodePredictions(pending));
    },
  };
}

/**
 * Reads what `predictionsFile` wrote.
 *
 * @throws {KdError} INVALID_DATA if the file is something else
 *
 * @example
 * import { readPredictions } from '@kd/train/node';
 * const problem = await readPredictions('runs/scratch/predictions.safetensors').catch((error) => error.code);
 * console.log(problem); // ENOENT
 */
export async function readPredictions(path: string): Promise<Predictions> {
  const { tensors, metadata } = readSafetensors(await readFile(path));
  const find = (name: string): NamedTensor | undefined => tensors.find((tensor) => tensor.name === name);
  const [logits, labels] = [find('logits'), find('labels')];
  const ids: unknown = JSON.parse(metadata.ids ?? 'null');
  const [samples, classes] = logits?.shape ?? [];
  if (
    !(logits?.data instanceof Float32Array && Array.isArray(ids) && ids.length === samples && classes !== undefined)
  ) {
    throw new KdError(
      'INVALID_DATA',
      `readPredictions: '${path}' has no logits with an id for each sample; give a file that predictionsFile() wrote`,
      { path, tensors: tensors.map(({ name }) => name) },
    );
  }
  return { logits: logits.data, ids, classes, ...(labels?.data instanceof Int32Array ? { labels: labels.data } : {}) };
}
