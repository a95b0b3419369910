import type { Batch } from './batch.ts';

/**
 * A batch as the teacher sees it: with `teacherImages` for its images if it has them, else the batch itself.
 *
 * @example
 * import { teacherView } from '@kd/core';
 * const images = { data: new Float32Array(4), shape: [1, 2, 2, 1] };
 * const teacherImages = { data: new Float32Array(16), shape: [1, 4, 4, 1] };
 * console.log(teacherView({ ids: Uint32Array.of(7), images, teacherImages }).images.shape); // [ 1, 4, 4, 1 ]
 */
export function teacherView(batch: Batch): Batch {
  const { teacherImages, images: _images, normalization: _normalization, source: _source, ...rest } = batch;
  if (!teacherImages) return batch;
  const { data, shape, normalization, source } = teacherImages;
  return {
    ...rest,
    images: { data, shape },
    ...(normalization && { normalization }),
    ...(source !== undefined && { source }),
  };
}
