import { checkColumns, type LogitColumns, type LogitRow } from './logit-rows.ts';

/** Rows of a Parquet file, a row group at a time. */
export async function* parquetRows(bytes: Uint8Array, columns: LogitColumns): AsyncGenerator<LogitRow> {
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const metadata = await parquetMetadataAsync(file);
  checkColumns(
    columns,
    parquetSchema(metadata).children.map(({ element }) => element.name),
  );
  let rowStart = 0;
  for (const { num_rows: count } of metadata.row_groups) {
    const rowEnd = rowStart + Number(count);
    const given = { file, metadata, compressors, columns: Object.values(columns), rowStart, rowEnd };
    for (const row of await parquetReadObjects(given)) {
      yield { id: row[columns.id], view: columns.view && row[columns.view], logits: row[columns.logits] };
    }
    rowStart = rowEnd;
  }
}
