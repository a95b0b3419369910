import { KdError } from '@kd/core';

/** A sample that could not be read. */
export interface SkippedSample {
  index: number;
  id: number | string;
  error: Error;
}

/** The end of a run in which nothing can be read: training on without it would hide a broken disk. */
export function allBroken(skipped: ReadonlyMap<number, SkippedSample>): KdError {
  const [first] = skipped.values();
  return new KdError(
    'INVALID_DATA',
    `dataLoader: none of the ${skipped.size} images can be read. The first: ${first?.error.message}`,
    { ids: Array.from(skipped.values(), ({ id }) => id) },
    { cause: first?.error },
  );
}
