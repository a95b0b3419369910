import { KdError } from '@kd/core';
import type { LogitColumns, LogitRow } from './logit-rows.ts';
import { checkColumns } from './logit-rows.ts';

/** Rows of an Arrow IPC file or stream. */
export async function* arrowRows(bytes: Uint8Array, columns: LogitColumns): AsyncGenerator<LogitRow> {
  const { RecordBatchReader } = await import('apache-arrow');
  let looked = false;
  try {
    for (const batch of RecordBatchReader.from(bytes)) {
      const { schema } = batch;
      if (!looked)
        checkColumns(
          columns,
          schema.fields.map(({ name }) => name),
        );
      looked = true;
      const column = (name: string) => batch.getChild(name)!;
      const [ids, logits] = [column(columns.id), column(columns.logits)];
      const views = columns.view === undefined ? undefined : column(columns.view);
      for (let row = 0; row < batch.numRows; row++) {
        yield { id: ids.get(row), view: views?.get(row), logits: logits.get(row) };
      }
    }
  } catch (error) {
    if (!/compress|codec/i.test((error as Error).message)) throw error;
    throw new KdError(
      'UNSUPPORTED',
      "has compressed batches; write them without (compression='uncompressed'), or Parquet",
    );
  }
  if (!looked) throw new KdError('INVALID_DATA', 'has no batch of rows; is it an Arrow IPC file?');
}
