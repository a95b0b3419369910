import type { Batch } from '@kd/core';
import type { BatchBuilder } from './batch-builder.ts';
import type { EncodedSource } from './encoded-source.ts';
import type { Limiter } from './prefetch.ts';
import type { Show } from './showing.ts';

/** A batch without the samples that could not be read. */
export interface DecodedBatch {
  batch: Batch;
  /** By their places in the batch that was asked for, in order. */
  failed: readonly { row: number; error: unknown }[];
}

/** Makes one batch; its signal says that nobody waits for it any more. */
export type MakeDecoded = (indices: Uint32Array, epoch: number, left: AbortSignal) => Promise<DecodedBatch>;

export interface DecodedBatchesOptions {
  source: EncodedSource;
  show: Show;
  start: (indices: Uint32Array) => BatchBuilder;
  /** Bounds how many images are in work, in all batches together. */
  limit: Limiter;
}

/** Batches of encoded images, made on this thread. */
export function decodedBatches({ source, show, start, limit }: DecodedBatchesOptions): MakeDecoded {
  return async (indices, epoch, left) => {
    const builder = start(indices);
    const failed: { row: number; error: unknown }[] = [];
    const load = async (index: number, row: number): Promise<void> => {
      if (left.aborted) return;
      const sample = await source.load(index).catch((error: unknown) => void failed.push({ row, error }));
      if (sample && !left.aborted) builder.put(row, show(sample, epoch));
    };
    const loads = await Promise.allSettled(Array.from(indices, (index, row) => limit(() => load(index, row))));
    const refused = loads.find((result) => result.status === 'rejected'); // the first by its place, not by the clock
    if (refused) throw refused.reason;
    failed.sort((a, b) => a.row - b.row);
    return { batch: builder.finish(), failed };
  };
}
