import { KdError } from '@kd/core';
import { arrowRows } from './arrow-rows.ts';
import { parquetRows } from './parquet-rows.ts';

/** Columns of a table, by what they are for. */
export interface LogitColumns {
  id: string;
  logits: string;
  view?: string;
}

/** One row of a table, as it was read. */
export interface LogitRow {
  id: unknown;
  view: unknown;
  logits: unknown;
}

/**
 * Rows of a Parquet file, or of an Arrow IPC file or stream.
 *
 * @throws {KdError} INVALID_DATA for what is neither, or damaged; NOT_FOUND for a column that is not there
 */
export async function* logitRows(where: string, bytes: Uint8Array, columns: LogitColumns): AsyncGenerator<LogitRow> {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 4));
  if (head === 'FEA1')
    throw new KdError('UNSUPPORTED', `${where}: is Feather of version 1; write version 2, or Parquet`);
  const rows = head === 'PAR1' ? parquetRows : arrowRows;
  try {
    yield* rows(bytes, columns);
  } catch (cause) {
    if (KdError.isInstance(cause)) throw new KdError(cause.code, `${where}: ${cause.message}`, cause.details);
    const problem = `cannot be read as ${head === 'PAR1' ? 'Parquet' : 'Arrow'}: ${(cause as Error).message}`;
    throw new KdError('INVALID_DATA', `${where}: ${problem}`, {}, { cause });
  }
}

/** Refuses a table that lacks one of the columns. */
export function checkColumns(columns: LogitColumns, there: readonly string[]): void {
  const missing = Object.values(columns).filter((name) => !there.includes(name));
  if (missing.length === 0) return;
  throw new KdError(
    'NOT_FOUND',
    `has no column ${missing.map((name) => `'${name}'`).join(', ')}, it has ${there.join(', ')}; name them with idColumn, ` +
      'logitsColumn and viewColumn',
    { missing, there },
  );
}
