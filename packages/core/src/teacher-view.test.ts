import { expect, it } from 'vitest';
import type { Batch } from './batch.ts';
import { teacherView } from './teacher-view.ts';

const images = { data: Uint8Array.of(1, 2), shape: [2, 1, 1, 1] };
const batch: Batch = {
  ids: ['a', 'b'],
  images,
  normalization: { mean: [0.5], std: [0.5] },
  labels: Int32Array.of(0, 1),
  views: Uint32Array.of(3, 4),
  source: 'of the student',
};

it('is the batch itself where teacher and student see the same', () => {
  expect(teacherView(batch)).toBe(batch);
});

it("has all of the teacher's and nothing of the student's", () => {
  const { ids, labels, views } = batch;
  const data = Float32Array.of(1, 2, 3, 4);
  const shape = [2, 2, 1, 1];
  expect(teacherView({ ...batch, teacherImages: { data, shape } })).toEqual({
    ids,
    labels,
    views,
    images: { data, shape },
  });
  const normalization = { mean: [0], std: [1] };
  const seen = teacherView({ ...batch, fresh: true, teacherImages: { data, shape, normalization, source: 'theirs' } });
  expect(seen).toEqual({ ids, labels, views, images: { data, shape }, normalization, source: 'theirs', fresh: true });
  expect(teacherView(seen)).toBe(seen);
});
