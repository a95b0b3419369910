import type { Batch, DataLoader } from '@kd/core';
import type { CheckpointStore } from '../../loop/checkpoint.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { CachedTeacher } from '../../teachers/cached-teacher.ts';
import type { Teacher } from '../../teachers/teacher.ts';

/** Runs something and adds the milliseconds that it took to a list. */
async function timed<T>(times: number[], run: () => Promise<T>): Promise<T> {
  const start = performance.now();
  try {
    return await run();
  } finally {
    times.push(performance.now() - start);
  }
}

/** The same objective, whose teacher is watched while it answers. */
export function timedObjective(objective: Objective, times: number[]): Objective {
  const { teacher } = objective;
  if (!teacher) return objective;
  const watched: Teacher = Object.create(teacher, {
    logits: { value: (...given: Parameters<Teacher['logits']>) => timed(times, () => teacher.logits(...given)) },
    ...(teacher.answers
      ? {
          answers: {
            value: (...given: Parameters<NonNullable<Teacher['answers']>>) =>
              timed(times, () => teacher.answers!(...given)),
          },
        }
      : {}),
  });
  return Object.create(objective, { teacher: { value: watched } });
}

/** Whether a teacher counts what it remembers. */
export function isCached(teacher: Teacher | undefined): teacher is CachedTeacher {
  return teacher !== undefined && 'counts' in teacher;
}

/** The same store, which is watched while it writes. */
export function timedStore(store: CheckpointStore, times: number[], sizes: number[]): CheckpointStore {
  return {
    load: async () => undefined,
    async save(checkpoint) {
      const { model, optimizer, ema, best } = checkpoint;
      sizes.push([model, optimizer, ema, best].flat().reduce((sum, { data }) => sum + data.byteLength, 0));
      return timed(times, () => store.save(checkpoint));
    },
  };
}

/** The first batches of a loader. */
export function firstBatches(loader: DataLoader, count: number): DataLoader {
  const length = Math.min(count, loader.length);
  const epoch = async function* (index: number, fromBatch = 0): AsyncGenerator<Batch> {
    let place = fromBatch;
    if (place >= length) return;
    for await (const batch of loader.epoch(index, fromBatch)) {
      yield batch;
      place += 1;
      if (place >= length) return;
    }
  };
  return {
    length,
    sampleCount: Math.min(loader.sampleCount, length * loader.batchSize),
    batchSize: loader.batchSize,
    classNames: loader.classNames,
    fingerprint: () => loader.fingerprint(),
    epoch,
    [Symbol.asyncIterator]: () => epoch(0)[Symbol.asyncIterator](),
  };
}
