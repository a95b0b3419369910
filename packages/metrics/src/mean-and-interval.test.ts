import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { meanAndInterval } from './mean-and-interval.ts';

describe('meanAndInterval', () => {
  it.each(fixture.intervals)('matches scipy.stats.t.interval: $values at $confidence', (one) => {
    const digits = one.mean > 1e5 ? 7 : 12;
    const result = meanAndInterval(one.values, { confidence: one.confidence });
    expect(result.n).toBe(one.values.length);
    for (const key of ['mean', 'standardDeviation', 'low', 'high'] as const) {
      expect(result[key]).toBeCloseTo(one[key], digits);
    }
  });

  it('has a confidence of 0.95 unless told otherwise, and takes typed arrays', () => {
    const values = Float64Array.of(0.25, 0.5, 1);
    expect(meanAndInterval(values)).toEqual(meanAndInterval([0.25, 0.5, 1], { confidence: 0.95 }));
  });

  it('has no spread for equal values', () => {
    expect(meanAndInterval([0.1, 0.1, 0.1])).toEqual({ mean: 0.1, standardDeviation: 0, low: 0.1, high: 0.1, n: 3 });
  });

  it('gives no interval for one value', () => {
    const { NaN: none } = Number;
    expect(meanAndInterval([0.9])).toEqual({ mean: 0.9, standardDeviation: none, low: none, high: none, n: 1 });
  });

  it('moves and stretches with its values', () => {
    const base = meanAndInterval([1, 2, 4, 8]);
    const moved = meanAndInterval([13, 23, 43, 83]);
    expect(moved.low).toBeCloseTo(10 * base.low + 3, 12);
    expect(moved.high).toBeCloseTo(10 * base.high + 3, 12);
  });

  it.each([0, 1, -0.5, 95, Number.NaN])('refuses a confidence of %d', (confidence) => {
    expect(() => meanAndInterval([1, 2], { confidence })).toThrow(
      `meanAndInterval: confidence must be in (0, 1), got ${confidence}`,
    );
  });

  it('refuses no values, and values that are not finite', () => {
    expect(() => meanAndInterval([])).toThrow('meanAndInterval: got no values');
    expect(() => meanAndInterval([1, Number.NaN])).toThrow('meanAndInterval: value NaN at index 1 is not finite');
    expect(() => meanAndInterval([Number.POSITIVE_INFINITY])).toThrow(
      expect.objectContaining({ code: 'NOT_FINITE', details: { value: Number.POSITIVE_INFINITY, index: 0 } }),
    );
  });
});
