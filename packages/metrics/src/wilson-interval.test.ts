import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { wilsonInterval } from './wilson-interval.ts';

describe('wilsonInterval', () => {
  it.each(fixture.wilson)("matches statsmodels' proportion_confint: $hits of $n at $confidence", (one) => {
    const { low, high, proportion } = wilsonInterval(one.hits, one.n, { confidence: one.confidence });
    expect(proportion).toBe(one.hits / one.n);
    expect(low).toBeCloseTo(one.expected[0]!, 13);
    expect(high).toBeCloseTo(one.expected[1]!, 13);
  });

  it('has a confidence of 0.95 unless told otherwise', () => {
    expect(wilsonInterval(3, 7)).toEqual(wilsonInterval(3, 7, { confidence: 0.95 }));
  });

  it('holds the proportion, stays in [0, 1], and mirrors hits and misses', () => {
    const counts = fc
      .integer({ min: 1, max: 1e6 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
    fc.assert(
      fc.property(counts, fc.double({ min: 0.01, max: 0.999, noNaN: true }), ([hits, n], confidence) => {
        const { low, high, proportion } = wilsonInterval(hits, n, { confidence });
        const mirrored = wilsonInterval(n - hits, n, { confidence });
        expect(low >= 0 && low <= proportion && proportion <= high && high <= 1).toBe(true);
        expect(mirrored.low).toBeCloseTo(1 - high, 12);
        expect(mirrored.high).toBeCloseTo(1 - low, 12);
      }),
    );
  });

  it('is 0 at the lower end without hits, 1 at the upper end without misses', () => {
    expect(wilsonInterval(0, 10).low).toBe(0);
    expect(wilsonInterval(10, 10).high).toBe(1);
    expect(wilsonInterval(5, 5, { confidence: 0.5 })).toMatchObject({ proportion: 1, high: 1 });
    expect(wilsonInterval(0, 5, { confidence: 0.5 }).low).toBe(0);
  });

  it('refuses numbers that are out of range', () => {
    expect(() => wilsonInterval(11, 10)).toThrow('wilsonInterval: hits must be an integer in [0, 10], got 11');
    expect(() => wilsonInterval(0.9, 10)).toThrow('wilsonInterval: hits must be an integer in [0, 10], got 0.9');
    expect(() => wilsonInterval(0, 0)).toThrow('wilsonInterval: n must be an integer >= 1, got 0');
    expect(() => wilsonInterval(1, 2, { confidence: 95 })).toThrow('confidence must be in (0, 1), got 95');
  });
});
