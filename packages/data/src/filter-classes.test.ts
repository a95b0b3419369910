import type { ImageDataset } from '@kd/core';
import { describe, expect, it } from 'vitest';
import { arrayDataset } from './array-dataset.ts';
import { filterClasses, omitClasses } from './filter-classes.ts';
import { noise } from './testing/noise.ts';

const dataset = noise(30, [1, 1, 1]); // the label of sample i is i % 10
const idsOf = (part: ImageDataset): unknown[] => Array.from({ length: part.length }, (_, i) => part.get(i).id);

describe('filterClasses and omitClasses', () => {
  it('keep label numbers, names and ids', () => {
    const threes = filterClasses(dataset, [3]);
    expect(idsOf(threes)).toEqual([3, 13, 23]);
    expect(threes.get(1).label).toBe(3);
    expect(threes.classNames).toEqual(dataset.classNames);
    expect(omitClasses(dataset, [3]).classNames).toEqual(dataset.classNames);
  });

  it('are each the complement of the other', () => {
    const ids = [...idsOf(filterClasses(dataset, [0, 7])), ...idsOf(omitClasses(dataset, [7, 0]))] as number[];
    expect(ids.sort((a, b) => a - b)).toEqual(idsOf(dataset));
  });

  it('read the labels of any dataset', () => {
    expect(
      idsOf(omitClasses({ ...dataset, get: (index) => ({ ...dataset.get(index), label: index % 2 }) }, [1])),
    ).toEqual(Array.from({ length: 15 }, (_, i) => 2 * i));
  });

  it.each([10, -1, 0.5])('refuse class %d', (label) => {
    expect(() => omitClasses(dataset, [3, label])).toThrow(
      `omitClasses: class must be an integer in [0, 10), got ${label}`,
    );
  });

  it('refuse to leave nothing', () => {
    expect(() => filterClasses(dataset, [])).toThrow('filterClasses: classes [] leave none of 30 samples');
    expect(() => filterClasses(omitClasses(dataset, [3]), [3])).toThrow(
      'filterClasses: classes [3] leave none of 27 samples',
    );
  });

  it('need labels', () => {
    const unlabelled = arrayDataset({ images: { data: new Uint8Array(2), shape: [2, 1, 1] }, classNames: ['a'] });
    expect(() => filterClasses(unlabelled, [0])).toThrow('filterClasses: sample 0 has no label to choose it by');
  });
});
