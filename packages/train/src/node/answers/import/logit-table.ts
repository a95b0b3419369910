import { KdError } from '@kd/core';
import type { LogitRow } from './logit-rows.ts';

/** Logits by id and view, in one array. */
export interface LogitTable {
  readonly length: number;
  readonly classes: number;
  /** Refuses ids that have no answer in any view. */
  checkHas(where: string, ids: readonly (number | string)[]): void;
  take(where: string, ids: Uint32Array | readonly string[], views: Uint32Array | undefined): Float32Array;
}

// 7 and '7' are one id: a data set has ids of one kind, and a file may have them in another.
const keyOf = (id: number | string, view: number): string => `${view}/${id}`;

/**
 * Collects rows, and looks at each of them.
 *
 * @param width of each row; left out, that of the first
 */
export async function logitTable(where: string, rows: AsyncIterable<LogitRow>, width?: number): Promise<LogitTable> {
  const places = new Map<string, number>();
  const known = new Set<string>();
  const problems = { twice: new List(), wide: new List(), infinite: new List(), nameless: new List() };
  let values = new Float32Array(0);
  let classes = width;
  let count = 0;
  for await (const { id, view, logits } of rows) {
    const name = `row ${count}`;
    const list = listOf(logits);
    count += 1;
    if (!isId(id) || !list) {
      problems.nameless.add(name);
      continue;
    }
    classes ??= list.length;
    const key = keyOf(String(id), Number(view ?? 0));
    if (places.has(key)) problems.twice.add(id);
    else if (list.length !== classes || classes === 0) problems.wide.add(`${id} (${list.length})`);
    else {
      const place = places.size;
      if ((place + 1) * classes > values.length) {
        const larger = new Float32Array(Math.max(1024 * classes, 2 * values.length));
        larger.set(values);
        values = larger;
      }
      values.set(list, place * classes);
      if (!values.subarray(place * classes, (place + 1) * classes).every(Number.isFinite)) problems.infinite.add(id);
      places.set(key, place);
      known.add(String(id));
    }
  }
  refuse(where, problems.nameless, 'have no id that is an integer or a string, or no list of logits');
  refuse(where, problems.twice, 'come twice; keep one row of each');
  refuse(where, problems.wide, `have another number of logits than ${classes}`);
  refuse(where, problems.infinite, 'have logits that are not finite');
  if (count === 0) throw new KdError('INVALID_DATA', `${where}: has no rows`);

  return {
    length: count,
    classes: classes!,
    checkHas(where, ids) {
      const missing = new List();
      for (const id of ids) if (!known.has(String(id))) missing.add(id);
      refuse(where, missing, 'are not there', 'NOT_FOUND');
    },
    take(where, ids, views) {
      const taken = new Float32Array(ids.length * classes!);
      const missing = new List();
      ids.forEach((id: number | string, i: number) => {
        const view = views?.[i] ?? 0;
        const place = places.get(keyOf(id, view));
        if (place === undefined) missing.add(views ? `${id} (view ${view})` : id);
        else taken.set(values.subarray(place * classes!, (place + 1) * classes!), i * classes!);
      });
      refuse(where, missing, 'are not there', 'NOT_FOUND');
      return taken;
    },
  };
}

const isId = (id: unknown): id is number | string | bigint =>
  typeof id === 'string' || typeof id === 'bigint' || (typeof id === 'number' && Number.isInteger(id));

/** A list of numbers, as Arrow and Parquet readers give it; null counts as NaN. */
function listOf(logits: unknown): number[] | undefined {
  if (logits === null || typeof logits !== 'object' || !(Symbol.iterator in logits)) return undefined;
  return Array.from(logits as Iterable<unknown>, (value) => (typeof value === 'number' ? value : Number.NaN));
}

/** How many there are, and the first few. */
class List {
  count = 0;
  readonly first: string[] = [];
  add(id: unknown): void {
    this.count += 1;
    if (this.first.length < 5) this.first.push(String(id));
  }
}

function refuse(
  where: string,
  { count, first }: List,
  problem: string,
  code: 'INVALID_DATA' | 'NOT_FOUND' = 'INVALID_DATA',
): void {
  if (count === 0) return;
  const more = count > first.length ? ', …' : '';
  throw new KdError(code, `${where}: ${count} ids ${problem}: ${first.join(', ')}${more}`, { count, ids: first });
}
