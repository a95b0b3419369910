import { describe, expect, it } from 'vitest';
import { subset } from './subset.ts';
import { noise } from './testing/noise.ts';

const dataset = noise(20, [2, 2, 1]);

describe('subset', () => {
  it('keeps order, ids, labels and class names, also of a subset of a subset', () => {
    const part = subset(subset(dataset, [19, 3, 12, 7]), Uint32Array.of(2, 0));
    expect([part.length, part.get(0), part.get(1)]).toEqual([2, dataset.get(12), dataset.get(19)]);
    expect(part).toMatchObject({ imageShape: dataset.imageShape, classNames: dataset.classNames });
  });

  it('does not follow changes of the indices', () => {
    const indices = [4, 5];
    const part = subset(dataset, indices);
    indices[0] = 0;
    expect(part.get(0).id).toBe(4);
  });

  it('has a fingerprint of dataset and indices, taken once', async () => {
    const part = subset(dataset, [1, 2]);
    const prints = [dataset, part, subset(dataset, [2, 1]), subset(noise(21, [2, 2, 1]), [1, 2])].map((one) =>
      one.fingerprint(),
    );
    expect(new Set(await Promise.all(prints)).size).toBe(4);
    expect(await subset(noise(20, [2, 2, 1]), [1, 2]).fingerprint()).toBe(await part.fingerprint());
    expect(part.fingerprint()).toBe(part.fingerprint());
  });

  it.each([-1, 20, 1.5, Number.NaN])('names index %d and its position', (index) => {
    expect(() => subset(dataset, [0, index])).toThrow(`subset: index ${index} at position 1 is not in [0, 20)`);
  });

  it('refuses to be empty', () => {
    expect(() => subset(dataset, [])).toThrow('subset: no indices given, a dataset holds at least one sample');
  });

  it('has no sample beyond its own', () => {
    expect(() => subset(dataset, [3, 4]).get(2)).toThrow('dataset.get: index must be an integer in [0, 2), got 2');
  });
});
