import { KdError } from '@kd/core';

/** Rows of equal length by key, in one array that grows: a Map of small arrays would take ten times the memory. */
export interface RowStore {
  readonly size: number;
  /** Numbers in a row; 0 while there is none. */
  readonly width: number;
  has(key: number | string): boolean;
  set(key: number | string, row: Float32Array): void;
  /** All the rows of some keys, one after the other. */
  gather(keys: readonly (number | string)[]): Float32Array;
}

export function createRowStore(): RowStore {
  const places = new Map<number | string, number>();
  let values = new Float32Array(0);
  let width = 0;
  return {
    get size() {
      return places.size;
    },
    get width() {
      return width;
    },
    has: (key) => places.has(key),
    set(key, row) {
      if (places.size > 0 && row.length !== width) {
        throw new KdError(
          'SHAPE_MISMATCH',
          `cachedTeacher: a row of ${row.length} logits beside rows of ${width}; has the teacher other classes now?`,
          { width, length: row.length },
        );
      }
      width = row.length;
      const place = places.get(key) ?? places.size;
      if ((place + 1) * width > values.length) {
        const larger = new Float32Array(Math.max(1024 * width, 2 * values.length));
        larger.set(values);
        values = larger;
      }
      values.set(row, place * width);
      places.set(key, place);
    },
    gather(keys) {
      const rows = new Float32Array(keys.length * width);
      keys.forEach((key, i) => {
        const start = places.get(key)! * width;
        rows.set(values.subarray(start, start + width), i * width);
      });
      return rows;
    },
  };
}
