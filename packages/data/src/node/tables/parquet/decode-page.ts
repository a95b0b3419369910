import { type ColumnMetaData, type Compressors, parquetReadObjects, type SchemaElement } from 'hyparquet';

/** A leaf of a Parquet file: the elements of its schema from the root to itself. */
export interface ParquetLeaf {
  schema: readonly SchemaElement[];
  path: readonly string[];
}

const PADDING = 4; // a file starts with PAR1, and an offset of 0 means "none"

/**
 * The values of one page. hyparquet reads whole row groups; it is given a file in memory with one column, one row group
 * and one page, so that all encodings and codecs are its own.
 *
 * @param dictionary the dictionary's page, if the column has one
 */
export async function decodePage(
  { schema, path }: ParquetLeaf,
  meta: ColumnMetaData,
  compressors: Compressors,
  dictionary: Uint8Array | undefined,
  page: Uint8Array,
  rows: number,
): Promise<unknown[]> {
  const wordsLength = dictionary?.length ?? 0;
  const bytes = new Uint8Array(PADDING + wordsLength + page.length);
  if (dictionary) bytes.set(dictionary, PADDING);
  bytes.set(page, PADDING + wordsLength);
  const { statistics: _1, bloom_filter_offset: _2, index_page_offset: _3, ...rest } = meta;
  const column: ColumnMetaData = {
    ...rest,
    num_values: BigInt(rows),
    total_compressed_size: BigInt(bytes.length - PADDING),
    data_page_offset: BigInt(PADDING + wordsLength),
    ...(dictionary && { dictionary_page_offset: BigInt(PADDING) }),
  };
  if (!dictionary) delete column.dictionary_page_offset;
  const values = await parquetReadObjects({
    file: { byteLength: bytes.length, slice: async (start, end) => bytes.buffer.slice(start, end) },
    metadata: {
      version: 2,
      schema: schema.map((element, depth) => (depth < schema.length - 1 ? { ...element, num_children: 1 } : element)),
      num_rows: BigInt(rows),
      row_groups: [
        {
          columns: [{ file_offset: 0n, meta_data: column }],
          total_byte_size: meta.total_uncompressed_size,
          num_rows: BigInt(rows),
        },
      ],
      metadata_length: 0,
    },
    compressors,
    utf8: false, // bytes without an annotation are bytes
  });
  if (values.length !== rows) throw new Error(`holds ${values.length} values instead of ${rows}`);
  return values.map((row) => {
    let value: unknown = row;
    for (const name of path) value = value === null ? null : (value as Record<string, unknown> | undefined)?.[name];
    if (value === undefined) throw new Error('a value is not in its dictionary');
    return value;
  });
}
