import { type Batch, KdError, numericIds } from '@kd/core';
import { createRowStore, type RowStore } from './row-store.ts';
import type { Teacher } from './teacher.ts';

/** A teacher that remembers its answers. */
export interface CachedTeacher extends Teacher {
  /** Samples that the teacher was really asked about, and those answered from memory. */
  readonly counts: Readonly<{ asked: number; remembered: number }>;
}

/**
 * Asks a teacher once for each view of each sample and remembers the logits: a distillation of 30 epochs over fixed
 * images runs the teacher's forward pass once. Logits are kept, not probabilities, so the temperature may change.
 *
 * An answer belongs to the batch's source (which data, prepared how), the sample's id and the view of it (jittered images
 * have several), so one cache serves several loaders; and to the teacher's weights: those are fingerprinted at the first
 * question, and `fingerprint()` fails once they have changed.
 *
 * Memory: 4 bytes a class for each view seen, and a map entry: some 5 MB for 60 000 digits.
 *
 * @throws {KdError} UNSUPPORTED if the teacher does not answer the same twice, as in training mode, or a batch has no
 *   source; MISMATCH if the teacher's weights have changed
 *
 * @example
 * import { mlp } from '@kd/models';
 * import { cachedTeacher, modelTeacher } from '@kd/train';
 * const teacher = cachedTeacher(modelTeacher(mlp({ hiddenSizes: [4], classNames: ['cat', 'dog'] })));
 * const images = { data: new Float32Array(784), shape: [1, 28, 28, 1] };
 * const context = { seed: 0, epoch: 0, step: 0, ids: Uint32Array.of(0) };
 * const batch = { ids: context.ids, images, source: 'one black image' };
 * for (let epoch = 0; epoch < 30; epoch++) await teacher.logits(batch, context);
 * console.log(teacher.counts); // { asked: 1, remembered: 29 }
 */
export function cachedTeacher(teacher: Teacher): CachedTeacher {
  if (!teacher.deterministic) {
    throw new KdError(
      'UNSUPPORTED',
      'cachedTeacher: this teacher answers differently each time (dropout or batch statistics are on); ' +
        "ask it in mode 'inference', or use it without a cache",
    );
  }
  const stores = new Map<string, RowStore>();
  const counts = { asked: 0, remembered: 0 };
  let askedWith: Promise<string> | undefined;

  function storeFor({ source }: Batch): RowStore {
    if (source === undefined) {
      throw new KdError(
        'UNSUPPORTED',
        'cachedTeacher: the batch has no source, so its ids may be those of other images; give batches a source ' +
          '(dataLoader does), or use the teacher without a cache',
      );
    }
    const store = stores.get(source) ?? createRowStore();
    stores.set(source, store);
    return store;
  }

  return {
    ...(teacher.classNames ? { classNames: teacher.classNames } : {}),
    deterministic: true,
    counts,
    async fingerprint() {
      const [before, now] = [await askedWith, await teacher.fingerprint()];
      if (before !== undefined && before !== now) {
        throw new KdError(
          'MISMATCH',
          `cachedTeacher: the teacher's weights have changed since it was asked (${before.slice(0, 8)} then, ` +
            `${now.slice(0, 8)} now), so what it remembers is another network's; make a new cache`,
          { before, now },
        );
      }
      return now;
    },
    async logits(batch, context) {
      askedWith ??= teacher.fingerprint();
      await askedWith;
      const answers = storeFor(batch);
      const keys = keysOf(batch);
      const missing = keys.flatMap((key, row) => (answers.has(key) ? [] : [row]));
      if (missing.length > 0) {
        const asked = missing.length === keys.length ? batch : pickRows(batch, missing);
        const logits = await teacher.logits(asked, { ...context, ids: numericIds(asked.ids) });
        const classes = logits.length / missing.length;
        missing.forEach((row, i) => {
          answers.set(keys[row]!, logits.subarray(i * classes, (i + 1) * classes));
        });
      }
      counts.asked += missing.length;
      counts.remembered += keys.length - missing.length;
      return answers.gather(keys);
    },
  };
}

/** Id and view of each sample. Numbers where both are, which makes the map smaller: 2^21 views at most. */
function keysOf({ ids, views }: Batch): (number | string)[] {
  return Array.from(ids as ArrayLike<number | string>, (id, i) => {
    const view = views?.[i] ?? 0;
    return typeof id === 'number' && view < 2 ** 21 ? view * 2 ** 32 + id : `${view}/${id}`;
  });
}

function pickRows(batch: Batch, rows: readonly number[]): Batch {
  const { data, shape } = batch.images;
  const size = data.length / shape[0]!;
  const picked = data instanceof Uint8Array ? new Uint8Array(rows.length * size) : new Float32Array(rows.length * size);
  rows.forEach((row, i) => {
    picked.set(data.subarray(row * size, (row + 1) * size), i * size);
  });
  const { ids, labels, views, source } = batch;
  return {
    ids: ids instanceof Uint32Array ? Uint32Array.from(rows, (row) => ids[row]!) : rows.map((row) => ids[row]!),
    images: { data: picked, shape: [rows.length, ...shape.slice(1)] },
    ...(labels ? { labels: Int32Array.from(rows, (row) => labels[row]!) } : {}),
    ...(views ? { views: Uint32Array.from(rows, (row) => views[row]!) } : {}),
    ...(source === undefined ? {} : { source }),
  };
}
