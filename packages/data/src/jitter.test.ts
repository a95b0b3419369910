import { describe, expect, it } from 'vitest';
import { drawView, shiftOf } from './jitter.ts';

describe('drawView', () => {
  it('depends on seed, epoch and id', () => {
    const views = (seed: number, epoch: number, first: number): number[] =>
      Array.from({ length: 50 }, (_, i) => drawView(seed, epoch, first + i, 2));
    const base = views(7, 0, 0);
    expect(views(7, 0, 0)).toEqual(base);
    for (const other of [views(8, 0, 0), views(7, 1, 0), views(7, 0, 1)]) expect(other).not.toEqual(base);
  });

  it('draws all views evenly', () => {
    const counts = new Array<number>(25).fill(0);
    for (let id = 0; id < 25_000; id++) counts[drawView(7, 3, id, 2)]! += 1;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquared).toBeLessThan(51.2); // p = .001 with 24 degrees of freedom
  });

  it('takes names as ids', () => {
    const views = Array.from({ length: 20 }, (_, i) => drawView(7, 0, `leaf-${i}.jpg`, 2));
    expect(new Set(views).size).toBeGreaterThan(5);
    expect(drawView(7, 0, 'leaf-0.jpg', 2)).toBe(views[0]);
  });
});

describe('shiftOf', () => {
  it.each([0, 1, 2, 5])('is the inverse of the key of a view, for jitter %d', (jitter) => {
    const side = 2 * jitter + 1;
    for (let view = 0; view < side * side; view++) {
      const [dx, dy] = shiftOf(view, jitter);
      expect((dy + jitter) * side + (dx + jitter)).toBe(view);
      expect(Math.max(Math.abs(dx), Math.abs(dy))).toBeLessThanOrEqual(jitter);
    }
  });
});
