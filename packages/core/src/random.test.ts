import { describe, expect, it } from 'vitest';
import { permutation, randomSource } from './random.ts';

const draw = (n: number, one: () => number): number[] => Array.from({ length: n }, one);

describe('randomSource', () => {
  it('gives the same numbers at the same address, whatever was drawn elsewhere', () => {
    const address = { seed: 42, stream: 'shuffle', epoch: 3, id: 9 };
    const first = draw(10, randomSource(address).uint32);
    draw(7, randomSource({ seed: 42, stream: 'jitter' }).uint32);
    expect(draw(10, randomSource(address).uint32)).toEqual(first);
  });

  it.each([
    ['seed', { seed: 43, stream: 'a', epoch: 0, id: 0 }],
    ['high word of the seed', { seed: 42 + 2 ** 40, stream: 'a', epoch: 0, id: 0 }],
    ['stream', { seed: 42, stream: 'b', epoch: 0, id: 0 }],
    ['epoch', { seed: 42, stream: 'a', epoch: 1, id: 0 }],
    ['id', { seed: 42, stream: 'a', epoch: 0, id: 1 }],
  ])('gives other numbers for another %s', (_, address) => {
    const base = draw(4, randomSource({ seed: 42, stream: 'a' }).uint32);
    expect(draw(4, randomSource(address).uint32)).not.toEqual(base);
  });

  it('draws uniform numbers with the moments of U(0, 1)', () => {
    const values = draw(40_000, randomSource({ seed: 1, stream: 'u' }).uniform);
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / values.length));
    expect(variance).toBeCloseTo(1 / 12, 2);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
  });

  it('draws normal numbers with the moments of N(0, 1)', () => {
    const values = draw(40_000, randomSource({ seed: 1, stream: 'n' }).normal);
    const moment = (k: number): number => values.reduce((a, b) => a + b ** k, 0) / values.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.025);
    expect(moment(2)).toBeCloseTo(1, 1);
    expect(moment(4)).toBeCloseTo(3, 0);
  });

  it('draws below a bound evenly', () => {
    const { below } = randomSource({ seed: 5, stream: 'b' });
    const counts = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) counts[below(3)]! += 1;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(13.8); // p = .001 with 2 degrees of freedom
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses seed %d', (seed) => {
    expect(() => randomSource({ seed, stream: 'a' })).toThrow(
      `random: seed must be an integer in [0, 2^53), got ${seed}`,
    );
  });
});

describe('permutation', () => {
  it('holds every index once', () => {
    const order = permutation(1000, { seed: 3, stream: 'shuffle' });
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  it('reaches all orders of three evenly', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6000; seed++) {
      const key = permutation(3, { seed, stream: 'shuffle' }).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(counts.size).toBe(6);
    expect(chiSquared).toBeLessThan(20.5); // p = .001 with 5 degrees of freedom
  });

  it('names a bad length', () => {
    expect(() => permutation(-1, { seed: 0, stream: 'a' })).toThrow(
      'permutation: length must be an integer >= 0, got -1',
    );
  });
});
