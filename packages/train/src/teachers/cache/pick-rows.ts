import type { Batch } from '@kd/core';
import type { FeatureArray, TeacherAnswers } from '../teacher.ts';

/** A batch of some of the samples of another. */
export function pickRows(batch: Batch, rows: readonly number[]): Batch {
  const { data, shape } = batch.images;
  const size = data.length / shape[0]!;
  const picked = data instanceof Uint8Array ? new Uint8Array(rows.length * size) : new Float32Array(rows.length * size);
  rows.forEach((row, i) => {
    picked.set(data.subarray(row * size, (row + 1) * size), i * size);
  });
  const { ids, labels, normalization, views, source } = batch;
  return {
    ids: ids instanceof Uint32Array ? Uint32Array.from(rows, (row) => ids[row]!) : rows.map((row) => ids[row]!),
    images: { data: picked, shape: [rows.length, ...shape.slice(1)] },
    ...(normalization ? { normalization } : {}),
    ...(labels ? { labels: Int32Array.from(rows, (row) => labels[row]!) } : {}),
    ...(views ? { views: Uint32Array.from(rows, (row) => views[row]!) } : {}),
    ...(source === undefined ? {} : { source }),
  };
}

/** Answers about some rows, one after the other, of all. */
export function someRows({ logits, features }: TeacherAnswers, from: number, to: number, rows: number): TeacherAnswers {
  const some = (data: Float32Array): Float32Array =>
    data.subarray((from * data.length) / rows, (to * data.length) / rows);
  const taps = Object.entries(features).map(([tap, { data, shape }]): [string, FeatureArray] => [
    tap,
    { data: some(data), shape: [to - from, ...shape.slice(1)] },
  ]);
  return { logits: some(logits), features: Object.fromEntries(taps) };
}
