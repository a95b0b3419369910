import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/bootstrap.json' with { type: 'json' };
import { bootstrapInterval } from './bootstrap-interval.ts';
import { pairedBootstrap } from './paired-bootstrap.ts';

const mean = (values: Float64Array): number => values.reduce((a, b) => a + b) / values.length;
const statistics: Record<string, (values: Float64Array) => number> = {
  mean,
  median(values) {
    const sorted = values.slice().sort();
    return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
  },
  deviation(values) {
    const center = mean(values);
    return Math.sqrt(mean(values.map((value) => (value - center) ** 2)));
  },
};
const cases = fixture.cases.map(({ options, statistic, ...rest }) => ({
  ...rest,
  options: { ...options, method: options.method as 'bca', statistic: statistics[statistic]! },
}));

describe('bootstrapInterval', () => {
  it.each(cases.filter(({ values }) => values.length === 1))('matches scipy.stats.bootstrap: $name', (one) => {
    const result = bootstrapInterval(one.values[0]!, one.options);
    for (const key of ['estimate', 'low', 'high', 'standardError'] as const) {
      expect(result[key]).toBeCloseTo(one[key], 12);
    }
  });

  const values = [1, 1, 0, 1, 0, 1, 1, 1];

  it('takes 9999 means for bca at 0.95 with seed 0 unless told otherwise', () => {
    const options = { statistic: mean, method: 'bca', resamples: 9999, seed: 0, confidence: 0.95 } as const;
    expect(bootstrapInterval(values)).toEqual(bootstrapInterval(Float32Array.from(values), options));
  });

  it('depends on the seed, and on it alone', () => {
    const of = (seed: number) => bootstrapInterval(values, { seed, resamples: 50 });
    expect(of(1)).toEqual(of(1));
    expect(of(1).standardError).not.toBe(of(2).standardError);
  });

  it('gives statistics of samples through their numbers', () => {
    const rows = Array.from(values.keys());
    const throughRows = {
      statistic: (chosen: Float64Array) => mean(chosen.map((row) => values[row]!)),
      resamples: 200,
    };
    expect(bootstrapInterval(rows, throughRows)).toEqual(bootstrapInterval(values, { resamples: 200 }));
  });

  it.each(['bca', 'percentile'] as const)('has no width for equal values: %s', (method) => {
    const result = bootstrapInterval([0.1, 0.1, 0.1], { method, resamples: 20 });
    expect(result.low).toBe(result.estimate);
    expect(result.high).toBe(result.estimate);
  });

  it('is NaN where bca does not exist', () => {
    const statistic = (sample: Float64Array): number => new Set(sample).size; // never more than in the values
    const rows = Array.from({ length: 30 }, (_, i) => i);
    expect(bootstrapInterval(rows, { statistic, resamples: 20 })).toMatchObject({ low: Number.NaN, high: Number.NaN });
    const { low, high } = bootstrapInterval(rows, { statistic, resamples: 20, method: 'percentile' });
    expect(low < high).toBe(true);
  });

  it.each<[object, string]>([
    [{ resamples: 1 }, 'resamples must be an integer >= 2, got 1'],
    [{ confidence: 95 }, 'confidence must be in (0, 1), got 95'],
    [{ method: 'basic' }, 'method must be one of percentile, bca, got basic'],
    [{ statistic: () => Number.NaN }, 'the statistic of a resample is NaN; it must be finite for any rows'],
  ])('refuses %j', (options, message) => {
    expect(() => bootstrapInterval(values, options)).toThrow(`bootstrapInterval: ${message}`);
  });

  it('refuses values that say nothing', () => {
    expect(() => bootstrapInterval([1])).toThrow('bootstrapInterval: got 1 values; resampling needs at least 2');
    expect(() => bootstrapInterval([1, Infinity])).toThrow(
      'bootstrapInterval: value Infinity at index 1 is not finite',
    );
    expect(() => bootstrapInterval(values, { seed: -1 })).toThrow('bootstrapInterval: seed must be');
  });
});

describe('pairedBootstrap', () => {
  it.each(cases.filter(({ values }) => values.length === 2))('matches scipy.stats.bootstrap: $name', (one) => {
    const result = pairedBootstrap(one.values[0]!, one.values[1]!, one.options);
    expect(result.difference).toBeCloseTo(one.estimate, 12);
    for (const key of ['low', 'high', 'standardError'] as const) expect(result[key]).toBeCloseTo(one[key], 12);
    expect(result.pValue).toBeCloseTo(one.pValue!, 12);
  });

  const a = [1, 1, 1, 0, 1, 1, 1, 1];
  const b = [0, 1, 1, 0, 1, 0, 1, 1];

  it('changes sign with the order of the models, and by percentiles its interval too', () => {
    const options = { resamples: 500, method: 'percentile' } as const;
    const forth = pairedBootstrap(a, b, options);
    const back = pairedBootstrap(b, a, options);
    expect(back.difference).toBe(-forth.difference);
    expect(back.low).toBeCloseTo(-forth.high, 12);
    expect(back.pValue).toBe(forth.pValue);
  });

  it('takes differences that are equal but for rounding as equal', () => {
    const many = Array.from({ length: 49 }, (_, i) => Number(i % 3 > 0));
    const fewer = many.map((hit, i) => (i % 7 === 0 ? 1 - hit : hit));
    const options = { resamples: 400 };
    const shares = pairedBootstrap(many, fewer, options);
    const counts = pairedBootstrap(many, fewer, {
      ...options,
      statistic: (hits) => hits.reduce((sum, hit) => sum + hit),
    });
    expect(shares.low * 49).toBeCloseTo(counts.low, 9);
    expect(shares.high * 49).toBeCloseTo(counts.high, 9);

    for (let i = 1; i <= 50; i++) {
      const values = [0.3, 0.8, 0.1, 0.7].map((value) => value / i);
      const { low, high } = pairedBootstrap(
        values.map((value) => value + 1 / 3),
        values,
        { resamples: 60 },
      );
      expect(low).toBeCloseTo(1 / 3, 12);
      expect(high).toBeCloseTo(1 / 3, 12);
    }
  });

  it('sees no difference between equals, and a sure one where there is no doubt', () => {
    expect(pairedBootstrap(a, a, { resamples: 99 })).toEqual({
      difference: 0,
      low: 0,
      high: 0,
      standardError: 0,
      pValue: 1,
    });
    expect(pairedBootstrap([1, 1, 1], [0, 0, 0], { resamples: 99 }).pValue).toBe(0.02); // 2 / (1 + 99): the smallest
  });

  it('takes a difference that is but rounding for none', () => {
    const tenths = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
    const moved = [0.3, 0.1, 0.2, 0.3, 0.2, 0.3];
    const options = { method: 'percentile', resamples: 999 } as const;
    const whole = (values: number[]): number[] => values.map((value) => Math.round(10 * value));
    const { pValue } = pairedBootstrap(whole(tenths), whole(moved), options); // sums of integers are exact
    expect(pairedBootstrap(tenths, moved, options).pValue).toBe(pValue);
  });

  it('refuses pairs that are none', () => {
    expect(() => pairedBootstrap([1, 2], [1])).toThrow('pairedBootstrap: valuesA has 2 values, valuesB has 1');
    expect(() => pairedBootstrap([1], [1])).toThrow('pairedBootstrap: got 1 values; resampling needs at least 2');
    expect(() => pairedBootstrap([1, 2], [1, Number.NaN])).toThrow('pairedBootstrap: value of B NaN at index 1');
  });
});
