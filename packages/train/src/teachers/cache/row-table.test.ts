import { expect, it } from 'vitest';
import { createRowTable } from './row-table.ts';

const column = (...data: number[]) => ({
  logits: { type: 'float32', width: 3, shape: [3], data: Float32Array.from(data) },
});

it('keeps every row of every column while it grows', () => {
  const table = createRowTable();
  const keys: (number | string)[] = [];
  for (let i = 0; i < 5000; i += 5) {
    const five = [0, 1, 2, 3, 4].map((n) => i + n);
    const added = five.map((n) => (n % 2 ? n : `name ${n}`));
    keys.push(...added);
    table.put(added, {
      logits: { type: 'float32', width: 3, shape: [3], data: Float32Array.from(five.flatMap((n) => [n, -n, n + 0.5])) },
      indices: { type: 'uint16', width: 1, shape: [1], data: Uint16Array.from(five) },
    });
  }
  expect(table.size).toBe(5000);
  const { logits, indices } = table.take([4999, 'name 0', 1, 'name 4998']);
  expect(logits).toEqual({
    ...{ type: 'float32', width: 3, shape: [3] },
    data: Float32Array.of(4999, -4999, 4999.5, 0, -0, 0.5, 1, -1, 1.5, 4998, -4998, 4998.5),
  });
  expect(indices!.data).toEqual(Uint16Array.of(4999, 0, 1, 4998));
  expect(table.has('name 1')).toBe(false);
});

it('replaces a row, and keeps one of a key that comes twice', () => {
  const table = createRowTable();
  table.put(['a', 'b', 'a'], column(1, 1, 1, 2, 2, 2, 3, 3, 3) as never);
  table.put(['b'], column(4, 4, 4) as never);
  expect(table.size).toBe(2);
  expect([...table.take(['a', 'b']).logits!.data]).toEqual([3, 3, 3, 4, 4, 4]);
});

it('refuses rows of another kind', () => {
  const table = createRowTable();
  table.put(['a'], column(1, 2, 3) as never);
  const two = { logits: { type: 'float32', width: 2, shape: [2], data: Float32Array.of(1, 2) } } as const;
  expect(() => table.put(['b'], two)).toThrow(
    'cachedTeacher: an answer of logits float32 2 of [2] beside others of logits float32 3 of [3]',
  );
});
