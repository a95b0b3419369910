import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { normalQuantile, normalUpperTail } from './normal.ts';

describe('normalUpperTail', () => {
  it.each(fixture.normal)('matches scipy.stats.norm.sf: $z', ({ z, tail }) => {
    expect(Math.abs(normalUpperTail(z) / tail - 1)).toBeLessThan(5e-13);
  });
});

describe('normalQuantile', () => {
  it.each(fixture.normal.filter(({ z }) => z >= 0))('is its inverse: $z', ({ z, tail }) => {
    expect(normalQuantile(tail)).toBeCloseTo(-z, 12);
  });

  it('is antisymmetric, and infinite at the ends', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 13);
    expect(normalQuantile(0.025)).toBeCloseTo(-1.959963984540054, 13);
    expect(normalQuantile(0.5)).toBeCloseTo(0, 15);
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
  });
});
