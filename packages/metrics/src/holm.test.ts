import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/paired.json' with { type: 'json' };
import { holm } from './holm.ts';

describe('holm', () => {
  it.each(fixture.holm)("matches statsmodels' multipletests: $pValues", ({ pValues, expected }) => {
    for (const [i, value] of holm(pValues).entries()) expect(value).toBeCloseTo(expected[i]!, 14);
  });

  it('leaves one test alone, and takes none', () => {
    expect(holm([0.03])).toEqual([0.03]);
    expect(holm([])).toEqual([]);
  });

  it('refuses what is no probability', () => {
    expect(() => holm([0.1, Number.NaN])).toThrow('holm: p-value NaN at index 1 is not in [0, 1]');
    expect(() => holm([5])).toThrow('holm: p-value 5 at index 0 is not in [0, 1]');
  });
});
