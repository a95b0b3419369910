import type { EncodedDataset, ImageDataset } from '@kd/core';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { concatDatasets } from './concat-datasets.ts';
import { encodedDataset } from './encoded-dataset.ts';
import { filterClasses, omitClasses } from './filter-classes.ts';
import { locator } from './locate.ts';
import { mapLabels } from './map-labels.ts';
import { randomSplit } from './random-split.ts';
import { stratifiedSplit } from './stratified-split.ts';
import { subset } from './subset.ts';
import { noise } from './testing/noise.ts';

const classNames = ['a', 'b', 'c'];

/** Encoded images whose only byte is their number. */
function encoded(labels: readonly number[], prefix = ''): EncodedDataset {
  return encodedDataset({
    ids: labels.map((_, index) => `${prefix}${index}`),
    labels,
    classNames,
    read: async (index) => Uint8Array.of(index + 1),
  });
}

const infos = (dataset: EncodedDataset): [string, number | undefined][] =>
  Array.from({ length: dataset.length }, (_, index) => [dataset.info(index).id, dataset.info(index).label]);
const labelsOf = (dataset: EncodedDataset): (number | undefined)[] => infos(dataset).map(([, label]) => label);

describe('on encoded images', () => {
  const dataset = encoded([0, 1, 2, 0, 1, 2, 0]);

  it('subset, filters and splits give encoded images, of the same bytes', async () => {
    const part = subset(dataset, [5, 1]);
    expectTypeOf(part).toEqualTypeOf<EncodedDataset>();
    expect(infos(part)).toEqual([
      ['5', 2],
      ['1', 1],
    ]);
    expect(await part.read(0)).toEqual(Uint8Array.of(6));
    expect(infos(omitClasses(dataset, [0])).map(([id]) => id)).toEqual(['1', '2', '4', '5']);
    expect(infos(filterClasses(part, [1]))).toEqual([['1', 1]]);
    const { train, validation } = randomSplit(dataset, { holdOut: 3, seed: 1 });
    expect([...infos(train), ...infos(validation)].sort()).toEqual(infos(dataset));
    await expect(part.read(2)).rejects.toThrow('index must be an integer in [0, 2), got 2');
    expect(await part.fingerprint()).not.toBe(await dataset.fingerprint());
  });

  it('pixels stay pixels', () => {
    expectTypeOf(subset(noise(3), [0])).toEqualTypeOf<ImageDataset>();
  });
});

describe('stratifiedSplit', () => {
  it('keeps the share of each class to within one, and the count exactly', () => {
    const labels = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 2, maxLength: 200 });
    fc.assert(
      fc.property(labels, fc.nat(), fc.nat(1000), (all, part, seed) => {
        const holdOut = 1 + (part % (all.length - 1));
        const { train, validation } = stratifiedSplit(encoded(all), { holdOut, seed });
        expect([train.length, validation.length]).toEqual([all.length - holdOut, holdOut]);
        const ids = [...infos(train), ...infos(validation)].map(([id]) => Number(id));
        expect(ids.sort((a, b) => a - b)).toEqual(all.map((_, index) => index));
        for (const label of [0, 1, 2]) {
          const share = (all.filter((each) => each === label).length * holdOut) / all.length;
          const held = labelsOf(validation).filter((each) => each === label).length;
          expect(Math.abs(held - share)).toBeLessThan(1);
        }
        for (const side of [train, validation]) {
          const order = infos(side).map(([id]) => Number(id));
          expect(order).toEqual([...order].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('depends on the seed alone, and holds out each sample of a class alike', () => {
    const dataset = encoded(Array.from({ length: 60 }, (_, i) => (i < 40 ? 0 : 1)));
    const held = (seed: number): string[] =>
      infos(stratifiedSplit(dataset, { holdOut: 30, seed }).validation).map(([id]) => id);
    expect(held(4)).toEqual(held(4));
    const counts = new Array<number>(60).fill(0);
    for (let seed = 0; seed < 400; seed++) for (const id of held(seed)) counts[Number(id)]! += 1;
    // Each count is Binomial(400, 1/2) with variance 100; two sums are fixed, which leaves 58 degrees of freedom.
    expect(counts.reduce((sum, count) => sum + (count - 200) ** 2 / 100, 0)).toBeLessThan(98); // p = .001
  });

  it('needs labels', () => {
    expect(() => stratifiedSplit(encoded([0, -1, 1]), { holdOut: 1 })).toThrow(
      'stratifiedSplit: sample 1 has no label; randomSplit needs none',
    );
    expect(() => stratifiedSplit(encoded([0, 1]), { holdOut: 2 })).toThrow('holdOut must be an integer in [1, 2)');
  });
});

describe('concatDatasets', () => {
  it('puts samples one after the other', async () => {
    const all = concatDatasets([encoded([0, 1], 'x'), encoded([2], 'y'), encoded([1], 'z')]);
    expect(infos(all)).toEqual([
      ['x0', 0],
      ['x1', 1],
      ['y0', 2],
      ['z0', 1],
    ]);
    expect(await all.read(2)).toEqual(Uint8Array.of(1));
    const other = concatDatasets([encoded([2], 'y'), encoded([0, 1], 'x'), encoded([1], 'z')]);
    expect(await other.fingerprint()).not.toBe(await all.fingerprint());
  });

  it('names ids where asked, also on the way without copies', () => {
    const [one, two] = [noise(4), noise(6)];
    const both = concatDatasets([one, subset(two, [5, 0])], { names: ['one', 'two'] });
    expect([both.get(3).id, both.get(4).id, both.get(4).label]).toEqual(['one/3', 'two/5', 5]);
    expect(both.get(4).image).toEqual(two.get(5).image);
    const { id, data, start } = locator(both)(5);
    expect([id, data[start]]).toEqual(['two/0', two.get(0).image.data[0]]);
  });

  it('refuses ids that mean two samples, and what does not go together', () => {
    expect(() => concatDatasets([noise(3), noise(4)])).toThrow(
      "concatDatasets: id '0' is in datasets 0 and 1; { names } puts a name before each id",
    );
    expect(() => concatDatasets([noise(3), noise(4)], { names: ['a', 'a'] })).toThrow('must be 2 different ones');
    expect(() => concatDatasets([])).toThrow('concatDatasets: no datasets given');
    expect(() => concatDatasets([noise(3), noise(3, [2, 2, 1])])).toThrow(
      'has images of [2,2,1], dataset 0 of [28,28,1]',
    );
    expect(() => concatDatasets([encoded([0]), noise(1)] as EncodedDataset[])).toThrow('dataset 1 holds pixels');
    const renamed = mapLabels(encoded([0]), { classNames: ['x'], map: { a: 'x', b: 'x', c: 'x' } });
    expect(() => concatDatasets([encoded([0]), renamed])).toThrow(
      'dataset 1 has classes [x], dataset 0 [a, b, c]; mapLabels makes them equal',
    );
  });
});

describe('mapLabels', () => {
  const dataset = encoded([0, 1, 2, -1, 1]);

  it('merges, reorders and leaves out', async () => {
    const merged = mapLabels(dataset, { classNames: ['rest', 'b'], map: { a: 'rest', b: 'b', c: 'rest' } });
    expect([merged.classNames, labelsOf(merged)]).toEqual([
      ['rest', 'b'],
      [0, 1, 0, undefined, 1],
    ]);
    const fewer = mapLabels(dataset, { classNames: ['b'], map: { a: null, b: 'b', c: null } });
    expect(infos(fewer)).toEqual([
      ['1', 0],
      ['3', undefined],
      ['4', 0],
    ]);
    expect(await fewer.read(2)).toEqual(Uint8Array.of(5));
    const prints = [dataset, merged, fewer].map((each) => each.fingerprint());
    expect(new Set(await Promise.all(prints)).size).toBe(3);
  });

  it('maps pixels, and the labels that loops read', () => {
    const digits = noise(20, [1, 1, 1]);
    const map = Object.fromEntries(digits.classNames.map((name) => [name, Number(name) % 2 === 0 ? 'even' : 'odd']));
    const parity = mapLabels(digits, { classNames: ['even', 'odd'], map });
    expect([parity.get(13).label, locator(parity)(13).label, parity.get(13).id]).toEqual([1, 1, 13]);
  });

  it.each<[object, string]>([
    [{ classNames: ['x'], map: { a: 'x', b: 'x' } }, "mapLabels: map does not say what becomes of 'c'"],
    [{ classNames: ['x'], map: { a: 'x', b: 'x', c: 'y' } }, "mapLabels: 'c' becomes 'y', which is not one of [x]"],
    [{ classNames: ['x'], map: { a: 'x', b: 'x', c: 'x', d: 'x' } }, "mapLabels: 'd' is not one of [a, b, c]"],
    [{ classNames: ['x', 'x'], map: { a: 'x', b: 'x', c: 'x' } }, 'mapLabels: a class name stands twice in [x, x]'],
  ])('refuses %j', (options, message) => {
    expect(() => mapLabels(dataset, options as never)).toThrow(message);
  });

  it('refuses to leave nothing', () => {
    expect(() => mapLabels(encoded([0]), { classNames: [], map: { a: null, b: null, c: null } })).toThrow(
      'leaves none of 1',
    );
  });
});
