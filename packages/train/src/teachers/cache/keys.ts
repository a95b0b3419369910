import type { Batch } from '@kd/core';

const VIEWS = 2 ** 21;

/** Id and view as one key. A number where both are, which makes the map smaller: 2^21 views at most. */
export const keyOf = (id: number | string, view: number): number | string =>
  typeof id === 'number' && view < VIEWS ? view * 2 ** 32 + id : `${view}/${typeof id === 'number' ? '#' : ''}${id}`;

export function partsOf(key: number | string): { id: number | string; view: number } {
  if (typeof key === 'number') return { id: key % 2 ** 32, view: Math.floor(key / 2 ** 32) };
  const slash = key.indexOf('/');
  const [view, id] = [Number(key.slice(0, slash)), key.slice(slash + 1)];
  return { id: view >= VIEWS && id.startsWith('#') ? Number(id.slice(1)) : id, view };
}

export function keysOf({ ids, views }: Batch): (number | string)[] {
  return Array.from(ids as ArrayLike<number | string>, (id, i) => keyOf(id, views?.[i] ?? 0));
}
