import type { ImageDataset } from '@kd/core';
import { describe, expect, it } from 'vitest';
import { randomSplit } from './random-split.ts';
import { noise } from './testing/noise.ts';

const dataset = noise(100, [1, 1, 1]);
const idsOf = (part: ImageDataset): number[] => Array.from({ length: part.length }, (_, i) => part.get(i).id as number);

describe('randomSplit', () => {
  it('puts every sample on one side, in the order of the dataset', () => {
    const { train, validation } = randomSplit(dataset, { holdOut: 30, seed: 5 });
    const [kept, held] = [idsOf(train), idsOf(validation)];
    expect([kept.length, held.length]).toEqual([70, 30]);
    expect([...kept, ...held].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    for (const ids of [kept, held]) expect(ids).toEqual([...ids].sort((a, b) => a - b));
  });

  it('depends on the seed alone', () => {
    const held = (seed?: number): number[] =>
      idsOf(randomSplit(dataset, { holdOut: 30, ...(seed !== undefined && { seed }) }).validation);
    expect(held(5)).toEqual(held(5));
    expect(held(5)).not.toEqual(held(6));
    expect(held()).toEqual(held(0));
  });

  it('holds out each sample with the same chance', () => {
    const counts = new Array<number>(100).fill(0);
    for (let seed = 0; seed < 400; seed++) {
      for (const id of idsOf(randomSplit(dataset, { holdOut: 50, seed }).validation)) counts[id]! += 1;
    }
    // Each count is Binomial(400, 1/2) with variance 100; the sum is fixed, which leaves 99 degrees of freedom.
    const chiSquared = counts.reduce((sum, count) => sum + (count - 200) ** 2 / 100, 0);
    expect(chiSquared).toBeLessThan(149); // p = .001
  });

  it.each([0, 100, -1, 2.5, Number.NaN])('refuses to hold out %d of 100', (holdOut) => {
    expect(() => randomSplit(dataset, { holdOut })).toThrow(
      `randomSplit: holdOut must be an integer in [1, 100) to leave samples on both sides, got ${holdOut}`,
    );
  });

  it('refuses a bad seed', () => {
    expect(() => randomSplit(dataset, { holdOut: 1, seed: -1 })).toThrow(
      'randomSplit: seed must be an integer in [0, 2^53), got -1',
    );
  });
});
