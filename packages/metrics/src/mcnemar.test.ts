import { permutation } from '@kd/core';
import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { mcnemar } from './mcnemar.ts';

/** Samples that both got right, only A, only B, neither. */
function pairs(both: number, onlyA: number, onlyB: number, neither: number): [a: boolean[], b: boolean[]] {
  const rows = [
    ...Array.from({ length: both }, () => [true, true]),
    ...Array.from({ length: onlyA }, () => [true, false]),
    ...Array.from({ length: onlyB }, () => [false, true]),
    ...Array.from({ length: neither }, () => [false, false]),
  ];
  return [rows.map(([a]) => a!), rows.map(([, b]) => b!)];
}

describe('mcnemar', () => {
  it.each(fixture.mcnemar)('matches scipy.stats.binomtest: $onlyA against $onlyB', ({ onlyA, onlyB, expected }) => {
    const result = mcnemar(...pairs(3, onlyA, onlyB, 2));
    expect(result).toMatchObject({ onlyA, onlyB });
    expect(result.pValue / expected).toBeCloseTo(1, 11);
  });

  it.each(fixture.mcnemarCorrected)("matches statsmodels' mcnemar, corrected: $onlyA against $onlyB", (one) => {
    const result = mcnemar(...pairs(3, one.onlyA, one.onlyB, 2), { method: 'corrected' });
    expect(result.pValue / one.expected).toBeCloseTo(1, 11);
  });

  it('gives 1 where the two never differ, corrected or not', () => {
    expect(mcnemar([1, 0], [1, 0]).pValue).toBe(1);
    expect(mcnemar([1, 0], [1, 0], { method: 'corrected' }).pValue).toBe(1);
  });

  it('refuses other methods', () => {
    const options = { method: 'asymptotic' } as unknown as { method: 'exact' };
    expect(() => mcnemar([1], [0], options)).toThrow('mcnemar: method must be one of exact, corrected, got asymptotic');
  });

  it('depends neither on the order of the samples, nor on which model comes first, nor on the ones that agree', () => {
    const [a, b] = pairs(20, 9, 2, 10);
    const order = Array.from(permutation(a.length, { seed: 3, stream: 'order' }));
    const { pValue } = mcnemar(a, b);
    const shuffled = mcnemar(
      order.map((i) => a[i]!),
      order.map((i) => b[i]!),
    );
    expect(shuffled.pValue).toBe(pValue);
    expect(mcnemar(b, a)).toEqual({ onlyA: 2, onlyB: 9, pValue });
    expect(mcnemar(...pairs(0, 9, 2, 0)).pValue).toBe(pValue);
  });

  it('takes 0 and 1, typed or not', () => {
    expect(mcnemar(Uint8Array.of(1, 0, 1), [true, true, false])).toEqual({ onlyA: 1, onlyB: 1, pValue: 1 });
  });

  it('gives 0 where the p-value is below the smallest double', () => {
    expect(mcnemar(...pairs(0, 1200, 0, 0)).pValue).toBe(0);
  });

  it('refuses class numbers, lengths that differ, and no samples', () => {
    expect(() => mcnemar([1, 2], [1, 0])).toThrow('mcnemar: correctA is 2 at index 1; pass whether each prediction');
    expect(() => mcnemar([1, 1], [1, Number.NaN])).toThrow('mcnemar: correctB is NaN at index 1');
    expect(() => mcnemar([1], [1, 0])).toThrow('mcnemar: correctA has 1 values, correctB has 2');
    expect(() => mcnemar([], [])).toThrow('mcnemar: got no samples; pass at least one');
  });
});
