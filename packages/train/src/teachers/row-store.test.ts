import { expect, it } from 'vitest';
import { createRowStore } from './row-store.ts';

it('keeps every row while it grows', () => {
  const store = createRowStore();
  for (let i = 0; i < 5000; i++) store.set(i % 2 ? i : `name ${i}`, Float32Array.of(i, -i, i + 0.5));
  expect(store.size).toBe(5000);
  const keys = [4999, 'name 0', 1, 'name 4998'];
  expect(Array.from(store.gather(keys))).toEqual([4999, -4999, 4999.5, 0, -0, 0.5, 1, -1, 1.5, 4998, -4998, 4998.5]);
  expect(store.has('name 1')).toBe(false);
});

it('replaces a row', () => {
  const store = createRowStore();
  store.set('a', Float32Array.of(1));
  store.set('a', Float32Array.of(2));
  expect(store.size).toBe(1);
  expect(Array.from(store.gather(['a']))).toEqual([2]);
});
