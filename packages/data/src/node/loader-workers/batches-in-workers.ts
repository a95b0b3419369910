import { KdError } from '@kd/core';
import type { MakeElsewhere } from '../../loader/create-loader.ts';
import type { MakeDecoded } from '../../loader/decoded-batches.ts';
import { sampleError } from '../../loader/encoded-source.ts';
import { createLimiter } from '../../loader/prefetch.ts';
import { fromPlainError, type Job } from './messages.ts';
import { runJob } from './worker-pool.ts';

let jobs = 0;
let recipes = 0;

/**
 * Batches made by `workers` threads, each batch by one of them. The bytes are read here, so any dataset will do; decoding,
 * resizing, augmentation and normalisation are done there, and the finished arrays handed over without a copy.
 */
export function batchesInWorkers(workers: number): MakeElsewhere {
  return (dataset, recipe) => {
    const { processor, teacherProcessor, augment, concurrency } = recipe;
    const threads = Math.min(workers, concurrency);
    const plain = {
      ...recipe,
      processor: processor?.config,
      teacherProcessor: teacherProcessor?.config,
      augment: augment?.config,
      concurrency: Math.floor(concurrency / threads),
    };
    const recipeId = recipes++;
    const limit = createLimiter(concurrency);
    const reading = new Set<Promise<unknown>>();
    let begunBefore: Promise<unknown> = Promise.resolve();

    // A step that keeps this thread busy keeps it from reading too, and then the workers run out of work. So what was begun
    // before the last batch was handed over is read before this one is.
    const handover = (): Promise<unknown> => {
      const due = begunBefore;
      begunBefore = Promise.allSettled(reading);
      return due;
    };

    const make: MakeDecoded = async (indices, epoch, left) => {
      const read = async (index: number): Promise<Uint8Array | Error> => {
        left.throwIfAborted();
        try {
          const bytes = await dataset.read(index);
          if (bytes instanceof Uint8Array) return bytes;
          throw new KdError('INVALID_DATA', `read gave ${typeof bytes}, expected a Uint8Array`);
        } catch (error) {
          return sampleError(error, dataset.info(index).id, index);
        }
      };
      const all = Promise.all(Array.from(indices, (index) => limit(() => read(index))));
      reading.add(all);
      const found = await all.finally(() => reading.delete(all));
      const rows = Array.from(found.keys()).filter((row) => found[row] instanceof Uint8Array);
      const unread = found.flatMap((error, row) => (error instanceof Error ? [{ row, error }] : []));
      const kept = indices.filter((_, row) => found[row] instanceof Uint8Array);
      const job: Job = {
        id: jobs++,
        recipeId,
        recipe: plain,
        epoch,
        indices: kept,
        samples: Array.from(kept, (index) => {
          const { id, label } = dataset.info(index);
          return { id, ...(label !== undefined && { label }) };
        }),
        ...pack(rows.map((row) => found[row] as Uint8Array)),
      };
      const answer = await runJob(job, threads, left);
      if ('error' in answer) throw fromPlainError(answer.error);
      const { batch, failed } = answer;
      const broken = failed.map(({ row, error }) => ({ row: rows[row]!, error: fromPlainError(error) }));
      return { batch, failed: [...unread, ...broken].sort((a, b) => a.row - b.row) };
    };
    return { make, handover };
  };
}

/** All in one array that may be given away: what `read` returned may be kept, or be part of something larger. */
function pack(images: readonly Uint8Array[]): Pick<Job, 'bytes' | 'ends'> {
  let end = 0;
  const ends = Float64Array.from(images, ({ length }) => {
    end += length;
    return end;
  });
  const bytes = new Uint8Array(end);
  images.forEach((image, row) => {
    bytes.set(image, ends[row]! - image.length);
  });
  return { bytes, ends };
}
