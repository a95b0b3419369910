import { KdError } from '@kd/core';
import type { Answer } from '../../teachers/answer-folder.ts';

// 170 ms to import, and a run without a cache folder has no use for it.
const arrow = () => import('apache-arrow');

/**
 * Answers as an Arrow IPC file with the columns `id` (uint32 or utf8), `view` (uint32) and `logits` (fixed-size list of
 * float32): what pyarrow, pandas and polars read as it is.
 */
export async function encodeAnswers(answers: readonly Answer[]): Promise<Uint8Array> {
  const {
    Data,
    Field,
    FixedSizeList,
    Float32,
    Table,
    Uint32,
    Utf8,
    makeData,
    makeVector,
    tableToIPC,
    vectorFromArray,
  } = await arrow();
  const classes = answers[0]!.logits.length;
  const numeric = answers.every(({ id }) => typeof id === 'number');
  const logits = new Float32Array(answers.length * classes);
  for (const [i, { logits: row }] of answers.entries()) logits.set(row, i * classes);
  const list = new FixedSizeList(classes, new Field('item', new Float32(), false));
  const lists = new Data(list, 0, answers.length, 0, undefined, [makeData({ type: new Float32(), data: logits })]);
  const table = new Table({
    id: numeric
      ? vectorFromArray(
          answers.map(({ id }) => id as number),
          new Uint32(),
        )
      : vectorFromArray(
          answers.map(({ id }) => String(id)),
          new Utf8(),
        ),
    view: vectorFromArray(
      answers.map(({ view }) => view),
      new Uint32(),
    ),
    logits: makeVector(lists),
  });
  return tableToIPC(table, 'file');
}

/**
 * Answers of an Arrow IPC file, of ours or of somebody else's: `logits` may be any list of numbers, `view` may be missing,
 * `id` may be any integers or strings.
 *
 * @throws {KdError} INVALID_DATA if a column is missing or of another type, or rows have different lengths
 */
export async function decodeAnswers(name: string, bytes: Uint8Array): Promise<Answer[]> {
  const { tableFromIPC } = await arrow();
  const table = tableFromIPC(bytes);
  const column = (which: string): { get(index: number): unknown } => {
    const found = table.getChild(which);
    if (found) return found;
    throw new KdError(
      'INVALID_DATA',
      `${name}: has no column '${which}', it has ${table.schema.names.join(', ')}; answers need id and logits`,
      { name, columns: table.schema.names },
    );
  };
  const [ids, rows] = [column('id'), column('logits')];
  const views = table.getChild('view');
  return Array.from({ length: table.numRows }, (_, i) => {
    const id = ids.get(i);
    const row = rows.get(i);
    const logits = Float32Array.from((row ?? []) as Iterable<number>);
    if ((typeof id !== 'string' && typeof id !== 'number' && typeof id !== 'bigint') || logits.length === 0) {
      throw new KdError('INVALID_DATA', `${name}: row ${i} has id ${id} and logits ${row}`, { name, row: i });
    }
    return { id: typeof id === 'bigint' ? Number(id) : id, view: Number(views?.get(i) ?? 0), logits };
  });
}
