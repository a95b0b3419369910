import type { Batch, DataLoader } from '@kd/core';
import type { Optimizer, Teacher } from '@kd/train';

/** Parts of a step that are objects of their own; forward, backward and the loop's own work are what is left. */
export const PARTS = ['data', 'teacher', 'optimizer'] as const;

export type Parts = Record<(typeof PARTS)[number], number>;

/** Milliseconds spent in each part since the last `lap`. */
export interface Stopwatch {
  add(part: keyof Parts, since: number): void;
  lap(): Parts;
}

export function createStopwatch(): Stopwatch {
  const zero: Parts = { data: 0, teacher: 0, optimizer: 0 };
  let spent = { ...zero };
  return {
    add(part, since) {
      spent[part] += performance.now() - since;
    },
    lap() {
      const parts = spent;
      spent = { ...zero };
      return parts;
    },
  };
}

/** The same batches, timed as they are made. */
export function timedLoader(loader: DataLoader, watch: Stopwatch): DataLoader {
  async function* timed(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
    const iterator = batches[Symbol.asyncIterator]();
    for (;;) {
      const start = performance.now();
      const { done, value } = await iterator.next();
      watch.add('data', start);
      if (done) return;
      yield value;
    }
  }
  return {
    ...loader,
    epoch: (index, fromBatch) => timed(loader.epoch(index, fromBatch)),
    [Symbol.asyncIterator]: () => timed(loader),
  };
}

export function timedTeacher(teacher: Teacher, watch: Stopwatch): Teacher {
  return {
    ...teacher,
    async logits(batch, context) {
      const start = performance.now();
      const logits = await teacher.logits(batch, context);
      watch.add('teacher', start);
      return logits;
    },
  };
}

/** Right on backends that compute before they return: cpu, wasm, tfjs-node. */
export function timedOptimizer(optimizer: Optimizer, watch: Stopwatch): Optimizer {
  return {
    ...optimizer,
    update(updates, learningRate) {
      const start = performance.now();
      optimizer.update(updates, learningRate);
      watch.add('optimizer', start);
    },
  };
}
