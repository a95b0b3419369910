import { open, readFile } from 'node:fs/promises';
import { KdError } from '@kd/core';
import { writeFileAtomic } from '@kd/core/node';
import type { Callback } from '../../callbacks/callback.ts';
import { csvLine, parseCsv } from './csv.ts';

type Row = ReadonlyMap<string, string>;

interface Table {
  columns: string[];
  rows: Row[];
  /** Whether the file ends with a whole line: one that broke off must go before anything is appended. */
  whole: boolean;
}

async function readTable(path: string): Promise<Table> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const [columns = [], ...records] = parseCsv(text);
  if (columns.length > 0 && !columns.includes('step')) {
    throw new KdError(
      'INVALID_DATA',
      `metricsCsv: '${path}' has the columns ${columns.join(', ')} and no 'step', so it is no log of a run; give another path`,
      { path, columns },
    );
  }
  const rows = records.map((record) => new Map(columns.map((column, i) => [column, record[i] ?? ''])));
  const lines = [columns, ...records].map(csvLine).join('');
  return { columns, rows, whole: text === '' || text === lines };
}

function lineOf(columns: readonly string[], row: Row): string {
  return csvLine(columns.map((column) => row.get(column) ?? ''));
}

const writeTable = (path: string, columns: readonly string[], rows: readonly Row[]): Promise<void> =>
  writeFileAtomic(path, csvLine(columns) + rows.map((row) => lineOf(columns, row)).join(''));

async function append(path: string, line: string): Promise<void> {
  const file = await open(path, 'a');
  try {
    await file.write(line);
    await file.sync(); // a checkpoint that follows has this row behind it
  } finally {
    await file.close();
  }
}

/** Which run a row is of, as its `extra` says. */
type IsOwn = (row: Row) => boolean;

/** Appends a row, or completes that of its step; a column that is new comes behind the others, empty in older rows. */
async function addRow(path: string, row: Row, isOwn: IsOwn): Promise<void> {
  const { columns, rows, whole } = await readTable(path);
  const added = [...row.keys()].filter((name) => !columns.includes(name));
  const place = rows.findIndex((each) => isOwn(each) && each.get('step') === row.get('step'));
  if (added.length === 0 && place < 0 && whole) return append(path, lineOf(columns, row));
  if (place < 0) rows.push(row);
  else rows[place] = new Map([...rows[place]!, ...row]);
  await writeTable(path, [...columns, ...added], rows);
}

/**
 * Writes the metrics of each epoch as a row of a CSV file (RFC 4180), for spreadsheets; evaluations inside of an epoch have
 * rows of their own. The columns are `extra`, `epoch`, `step`, `time`, and the metrics by their names; one that comes up
 * later is added at the end.
 *
 * A resumed run goes on where its checkpoint is: rows of later steps are taken out, so that none is there twice. Rows of
 * other runs, with another `extra`, stay. A run from the start replaces all rows with its `extra`.
 *
 * @param path made if missing, with its folders
 * @param extra goes into each row, such as which network this is
 * @throws {KdError} INVALID_DATA if the file is there and has no column `step`
 *
 * @example
 * import { metricsCsv } from '@kd/train/node';
 * const callback = metricsCsv('runs/mnist/metrics.csv', { network: 'student' });
 * console.log(typeof callback.onEpochEnd); // function
 */
export function metricsCsv(path: string, extra: Readonly<Record<string, string | number>> = {}): Callback {
  const own = Object.entries(extra).map(([name, value]): [string, string] => [name, String(value)]);
  const isOwn: IsOwn = (row) => own.every(([name, value]) => row.get(name) === value);
  const rowOf = (metrics: Readonly<Record<string, number | boolean>>, epoch: number, step: number): Row => {
    const start = { epoch, step, time: new Date().toISOString() };
    const values = Object.entries({ ...start, ...metrics }).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
    return new Map([...own, ...values]);
  };
  return {
    async onTrainBegin({ start }) {
      const { columns, rows, whole } = await readTable(path);
      if (columns.length === 0) return;
      const kept = rows.filter((row) => !isOwn(row) || Number(row.get('step')) <= start.step);
      if (kept.length < rows.length || !whole) await writeTable(path, columns, kept);
    },
    async onEvaluate(metrics, { epoch, step }) {
      if (!Number.isInteger(epoch)) await addRow(path, rowOf(metrics, epoch, step), isOwn);
    },
    async onEpochEnd(metrics) {
      await addRow(path, rowOf(metrics, metrics.epoch, metrics.step), isOwn);
    },
  };
}
