import { KdError } from '@kd/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { arrayDataset } from './array-dataset.ts';
import { trainValidationTest } from './train-validation-test.ts';

const made = (length: number, first = 0) =>
  arrayDataset({
    images: { data: Uint8Array.from({ length }, (_, i) => first + i), shape: [length, 1, 1] },
    labels: Array.from({ length }, (_, i) => i % 2),
    classNames: ['cat', 'dog'],
  });

const pixels = (dataset: ReturnType<typeof made>): number[] =>
  Array.from({ length: dataset.length }, (_, i) => dataset.get(i).image.data[0]!);

it('holds out what is missing, the same share of each class, and loses nothing', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 200 }),
      fc.integer({ min: 0, max: 99 }),
      fc.boolean(),
      (n, seed, hasTest) => {
        const all = made(n);
        const test = made(4, 250);
        const splits = trainValidationTest(hasTest ? { train: all, test } : { train: all }, { seed });
        const own = hasTest ? [splits.train, splits.validation] : [splits.train, splits.validation, splits.test];
        expect(own.flatMap(pixels).sort((a, b) => a - b)).toEqual(pixels(all));
        expect(splits.heldOut).toEqual(hasTest ? ['validation'] : ['validation', 'test']);
        expect(splits.validation.length).toBe(Math.round(0.15 * n));
        const cats = pixels(splits.validation).filter((pixel) => pixel % 2 === 0).length;
        expect(Math.abs(cats - splits.validation.length / 2)).toBeLessThanOrEqual(1);
        if (hasTest) expect(splits.test).toBe(test);
      },
    ),
  );
});

it('holds out the same images for the same seed', () => {
  const held = (seed: number) => pixels(trainValidationTest({ train: made(60) }, { seed }).validation);
  expect(held(1)).toEqual(held(1));
  expect(held(1)).not.toEqual(held(2));
});

it('leaves splits that are there alone', () => {
  const splits = { train: made(10), validation: made(4), test: made(4) };
  expect(trainValidationTest(splits)).toEqual({ ...splits, heldOut: [] });
});

it('says what is missing', () => {
  const refused = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return KdError.isInstance(error) ? `${error.code} ${error.message}` : error;
    }
  };
  expect(refused(() => trainValidationTest({ test: made(4) }))).toBe(
    "NOT_FOUND trainValidationTest: needs a split 'train', got test",
  );
  expect(refused(() => trainValidationTest({ train: made(20) }, { share: 0.5 }))).toBe(
    'INVALID_ARGUMENT trainValidationTest: share must be in (0, 0.5), got 0.5',
  );
});
