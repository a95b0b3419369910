import { describe, expect, it } from 'vitest';
import { dropoutMask } from './dropout-mask.ts';

const context = (ids: number[], epoch = 0) => ({ seed: 7, epoch, step: 0, ids: Uint32Array.from(ids) });

describe('dropoutMask', () => {
  it.each([0, 0.2, 0.5, 0.8])('drops a share of %d', (rate) => {
    const mask = dropoutMask(context([1, 2, 3, 4]), 'a', 20_000, rate);
    const dropped = 1 - mask.reduce((a, b) => a + b) / mask.length;
    expect(Math.abs(dropped - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / mask.length) + 2 ** -16);
  });

  it('gives a sample the same row wherever it stands in the batch', () => {
    const together = dropoutMask(context([5, 9]), 'a', 37, 0.5);
    const swapped = dropoutMask(context([9, 5]), 'a', 37, 0.5);
    expect(together.subarray(0, 37)).toEqual(swapped.subarray(37));
    expect(together.subarray(37)).toEqual(swapped.subarray(0, 37));
  });

  it('differs between layers, epochs and samples', () => {
    const base = dropoutMask(context([5]), 'a', 64, 0.5);
    expect(dropoutMask(context([5]), 'b', 64, 0.5)).not.toEqual(base);
    expect(dropoutMask(context([5], 1), 'a', 64, 0.5)).not.toEqual(base);
    expect(dropoutMask(context([6]), 'a', 64, 0.5)).not.toEqual(base);
  });

  it.each([-0.1, 1, Number.NaN])('refuses rate %d', (rate) => {
    expect(() => dropoutMask(context([0]), 'a', 4, rate)).toThrow(`dropoutMask: rate must be in [0, 1), got ${rate}`);
  });

  it.each([-1, 1.5, Number.NaN])('refuses seed %d', (seed) => {
    const message = `dropoutMask: seed must be an integer in [0, 2^53), got ${seed}`;
    expect(() => dropoutMask({ ...context([0]), seed }, 'a', 4, 0.5)).toThrow(message);
  });
});
