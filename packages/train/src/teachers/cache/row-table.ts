import { KdError } from '@kd/core';
import type { AnswerColumn, AnswerColumnType } from '../answer-folder.ts';

type Columns = Readonly<Record<string, AnswerColumn>>;
type ColumnArray = AnswerColumn['data'];

/** Rows of several columns by key, each column in one array that grows: a Map of small arrays would take ten times the memory. */
export interface RowTable {
  readonly size: number;
  has(key: number | string): boolean;
  /** Adds rows, one for each key, or replaces them. */
  put(keys: readonly (number | string)[], columns: Columns): void;
  /** The rows of some keys, which are there, one after the other. */
  take(keys: readonly (number | string)[]): Columns;
}

const ARRAYS: Readonly<Record<AnswerColumnType, new (length: number) => ColumnArray>> = {
  float32: Float32Array,
  float16: Uint16Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
};

const FIRST_ROWS = 1024;

export function createRowTable(): RowTable {
  const places = new Map<number | string, number>();
  const kept = new Map<string, AnswerColumn>(); // with room for more rows than there are

  function room(columns: Columns, rows: number): void {
    for (const [name, column] of Object.entries(columns)) {
      const known = kept.get(name);
      const { type, width, shape } = known ?? column;
      if (known && known.data.length >= rows * width) continue;
      const data = new ARRAYS[type](Math.max(FIRST_ROWS * width, rows * width, 2 * (known?.data.length ?? 0)));
      if (known) data.set(known.data);
      kept.set(name, { type, width, shape, data });
    }
  }

  return {
    get size() {
      return places.size;
    },
    has: (key) => places.has(key),
    put(keys, columns) {
      if (kept.size > 0) checkAlike(columns, kept);
      room(columns, places.size + keys.length);
      keys.forEach((key, row) => {
        const place = places.get(key) ?? places.size;
        places.set(key, place);
        for (const [name, { data, width }] of Object.entries(columns)) {
          kept.get(name)!.data.set(data.subarray(row * width, (row + 1) * width), place * width);
        }
      });
    },
    take(keys) {
      const taken = [...kept].map(([name, { type, width, shape, data }]): [string, AnswerColumn] => {
        const rows = new ARRAYS[type](keys.length * width);
        keys.forEach((key, row) => {
          const start = places.get(key)! * width;
          rows.set(data.subarray(start, start + width), row * width);
        });
        return [name, { type, width, shape, data: rows }];
      });
      return Object.fromEntries(taken);
    },
  };
}

function checkAlike(columns: Columns, kept: ReadonlyMap<string, AnswerColumn>): void {
  const describe = (name: string, { type, width, shape }: AnswerColumn): string =>
    `${name} ${type} ${width} of [${shape}]`;
  const now = Object.entries(columns)
    .map(([name, column]) => describe(name, column))
    .sort();
  const before = [...kept].map(([name, column]) => describe(name, column)).sort();
  if (now.join() === before.join()) return;
  throw new KdError(
    'SHAPE_MISMATCH',
    `cachedTeacher: an answer of ${now.join(', ')} beside others of ${before.join(', ')}; has the teacher other classes now?`,
    { now, before },
  );
}
