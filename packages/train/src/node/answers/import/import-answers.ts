import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Batch, KdError, teacherView } from '@kd/core';
import type { Teacher } from '../../../teachers/teacher.ts';
import { logitRows } from './logit-rows.ts';
import { type LogitTable, logitTable } from './logit-table.ts';

export interface ImportAnswersOptions {
  /** Whose answers they are; both go into the fingerprint, with the file's content. */
  teacher: {
    name: string;
    /** Of its weights, where it is known: a hash, a revision on the Hub. */
    fingerprint?: string;
  };
  /** Column of the samples' ids, integers or strings: those that the loader's batches have. @default 'id' */
  idColumn?: string;
  /** Column of lists of float16, float32 or float64, of fixed size or not. @default 'logits' */
  logitsColumn?: string;
  /** Column of the numbers of views, for augmented images. @default none: there is one view of each sample */
  viewColumn?: string;
  /** The classes in the order of the logits; compared with the data's before training. */
  classNames?: readonly string[];
  /** Ids that must all be there. @default none: one that is missing is an error when it is asked about */
  ids?: Iterable<number | string>;
}

/** A teacher who is a table. */
export interface ImportedAnswers extends Teacher {
  /** Rows of the table. */
  readonly length: number;
  readonly classes: number;
}

/**
 * Logits that were made elsewhere, by Python or a service, as a teacher: a Parquet file in any codec, or an Arrow IPC file or
 * stream without compression, with one row for each sample.
 *
 * The answers are found by the samples' ids; how the images were prepared for them is known to nobody, so it is up to who made
 * them. All rows are kept in memory as float32. Augmented images need a `viewColumn`; mixed ones, and those that are augmented
 * anew in every epoch, cannot be answered about.
 *
 * @throws {KdError} NOT_FOUND if there is no such file or column, an id of `ids` is missing, or one that is asked about;
 *   INVALID_DATA, with the ids, for ids that come twice or are none, rows of another width, and logits that are not finite;
 *   UNSUPPORTED for compressed Arrow files, and from `logits` for batches whose views the file does not know
 *
 * @example
 * import { importAnswers } from '@kd/train/node';
 * const message = await importAnswers('none-yet.parquet', { teacher: { name: 'ViT' } }).catch((error) => error.message);
 * console.log(message); // importAnswers: there is no file 'none-yet.parquet'
 */
export async function importAnswers(path: string, options: ImportAnswersOptions): Promise<ImportedAnswers> {
  const { teacher, idColumn = 'id', logitsColumn = 'logits', viewColumn, classNames, ids = [] } = options;
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const problem = cause.code === 'ENOENT' ? `there is no file '${path}'` : `cannot read '${path}': ${cause.message}`;
    throw new KdError('NOT_FOUND', `importAnswers: ${problem}`, { path }, { cause });
  });
  const where = `importAnswers: ${path}`;
  const columns = { id: idColumn, logits: logitsColumn, ...(viewColumn === undefined ? {} : { view: viewColumn }) };
  const table = await logitTable(where, logitRows(where, bytes, columns), classNames?.length);
  table.checkHas(where, [...ids]);
  const print = createHash('sha256')
    .update(JSON.stringify({ ...teacher, columns }))
    .update(bytes)
    .digest('hex');
  return {
    length: table.length,
    classes: table.classes,
    ...(classNames ? { classNames } : {}),
    deterministic: true,
    fingerprint: async () => print,
    logits: async (given) => answersTo(where, teacherView(given), table, viewColumn !== undefined),
  };
}

async function answersTo(where: string, batch: Batch, table: LogitTable, knowsViews: boolean): Promise<Float32Array> {
  const { ids, views, fresh } = batch;
  if (fresh || (views && !knowsViews)) {
    throw new KdError(
      'UNSUPPORTED',
      `${where}: the batch has ${fresh ? 'images that come once, mixed or augmented anew in every epoch' : 'augmented images'}, ` +
        `${fresh ? 'which no file answers about' : 'and the file has no views; name their viewColumn'}, or distil without`,
      { fresh },
    );
  }
  return table.take(where, ids, views);
}
