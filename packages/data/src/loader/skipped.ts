import { KdError } from '@kd/core';

/** A sample that could not be read. */
export interface SkippedSample {
  index: number;
  id: number | string;
  error: Error;
}

/** The end of a run whose batch has nothing in it: training on without it would hide a broken disk. */
export function allBroken(batch: number, indices: Uint32Array, skipped: ReadonlyMap<number, SkippedSample>): KdError {
  const first = skipped.get(indices[0]!)!;
  return new KdError(
    'INVALID_DATA',
    `dataLoader: none of the ${indices.length} images of batch ${batch} can be read; describe() lists them, subset leaves ` +
      `them out. The first: ${first.error.message}`,
    { batch, ids: Array.from(indices, (index) => skipped.get(index)?.id) },
    { cause: first.error },
  );
}
