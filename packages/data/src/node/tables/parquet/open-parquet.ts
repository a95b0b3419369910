import { KdError } from '@kd/core';
import type { ColumnMetaData, FileMetaData, SchemaElement } from 'hyparquet';
import { parseFeatures } from '../../../formats/hf-features.ts';
import { inFile } from '../in-file.ts';
import { type RecentValues, recentValues } from '../recent-values.ts';
import { type ReopenedFile, reopenedFile } from '../reopened-file.ts';
import type { LeafKind, TableFile } from '../table-file.ts';
import { decodePage, type ParquetLeaf } from './decode-page.ts';
import { type ColumnPages, columnPages, type DataPagePlace } from './pages.ts';
import { isWideAndPlain, plainValues, type ValuePlaces } from './plain-values.ts';

const CACHE_BYTES = 64 * 2 ** 20; // about 60 pages: what shuffled reading and read-ahead come back to

/** Pages that were read last. Files of one set share them, so that a thousand files keep no more than one. */
export function pageCache(): RecentValues<unknown[]> {
  return recentValues(CACHE_BYTES);
}

/** The footer. Throws whatever is wrong, without the file's name. */
async function readMetadata(file: ReopenedFile): Promise<FileMetaData> {
  const { parquetMetadataAsync } = await import('hyparquet');
  const head = new TextDecoder('latin1').decode(await file.read(0, 4));
  if (file.size < 12 || head !== 'PAR1') {
    const start = head.replace(/[^ -~]/g, '.');
    throw new KdError('INVALID_DATA', `${file.size} bytes that start with '${start}' are no Parquet file`);
  }
  const buffer = {
    byteLength: file.size,
    slice: async (start: number, end = file.size) => (await file.read(start, end - start)).buffer as ArrayBuffer,
  };
  const metadata = await parquetMetadataAsync(buffer, { geoparquet: false });
  const groups = metadata.row_groups.map((group) => Number(group.num_rows));
  const rows = Number(metadata.num_rows);
  // An image takes more than a byte: more rows than bytes are a damaged number that would be believed for a long time.
  if (!groups.every((count) => count >= 0) || groups.reduce((sum, n) => sum + n, 0) !== rows || rows > file.size) {
    throw new Error(`${rows} rows in row groups of [${groups}] in ${file.size} bytes cannot be`);
  }
  return metadata;
}

function kindOf({ type, converted_type: converted, logical_type: logical }: SchemaElement): LeafKind {
  if (type === 'BYTE_ARRAY') {
    if (converted === 'UTF8' || logical?.type === 'STRING') return 'text';
    return converted === undefined && logical === undefined ? 'bytes' : 'other';
  }
  const isPlain = logical === undefined || logical.type === 'INTEGER';
  const isNumber = converted === undefined || /^U?INT_/.test(converted);
  return (type === 'INT32' || type === 'INT64') && isPlain && isNumber ? 'integer' : 'other';
}

/** Every leaf that has one value a row, by its path. */
function leavesOf(schema: readonly SchemaElement[]): Map<string, ParquetLeaf> {
  const leaves = new Map<string, ParquetLeaf>();
  let next = 0;
  const visit = (above: readonly SchemaElement[]): void => {
    const element = schema[next++];
    if (!element) throw new Error('its schema ends too early');
    const chain = [...above, element];
    const children = element.num_children ?? 0;
    if (children === 0 && above.length > 0 && !chain.some(({ repetition_type: type }) => type === 'REPEATED')) {
      const path = chain.slice(1).map(({ name }) => name);
      leaves.set(path.join('.'), { schema: chain, path });
    }
    if (chain.length > 64) throw new Error('its schema is nested too deep');
    for (let i = 0; i < children; i++) visit(chain);
  };
  visit([]);
  return leaves;
}

/**
 * Opens a Parquet file, in any codec and encoding: its footer now, pages when they are needed.
 *
 * @throws {KdError} NOT_FOUND if there is no such file; INVALID_DATA if it is no Parquet file, cut or damaged
 */
export async function openParquet(
  caller: string,
  path: string,
  valuesOf: RecentValues<unknown[]> = pageCache(),
): Promise<TableFile> {
  const file = await reopenedFile(caller, path);
  const where = `${caller}: ${path}`;
  const { metadata, leaves } = await inFile(where, async () => {
    const metadata = await readMetadata(file);
    return { metadata, leaves: leavesOf(metadata.schema) };
  });
  const { compressors } = await import('hyparquet-compressors');
  const pagesOf = recentValues<ColumnPages>(Number.POSITIVE_INFINITY); // 64 bytes for each page of 1 MB
  const placesOf = recentValues<ValuePlaces>(Number.POSITIVE_INFINITY); // 12 bytes for each image
  const groupEnds: number[] = [];
  for (const { num_rows: rows } of metadata.row_groups) groupEnds.push((groupEnds.at(-1) ?? 0) + Number(rows));

  /** A column of a row group; throws without the file's name. */
  function columnOf(leaf: string, group: number): { meta: ColumnMetaData; rows: number } {
    const { columns, num_rows: rows } = metadata.row_groups[group]!;
    const meta = columns.find(({ meta_data: each }) => each?.path_in_schema.join('.') === leaf)?.meta_data;
    if (meta && meta.type === leaves.get(leaf)!.schema.at(-1)!.type) return { meta, rows: Number(rows) };
    throw new Error(meta ? `has the type ${meta.type}` : 'is missing');
  }

  const groupPages = (leaf: string, group: number): Promise<ColumnPages> =>
    pagesOf(`${leaf} ${group}`, () =>
      inFile(`${where}: column '${leaf}' of row group ${group}`, async () => {
        const { meta, rows } = columnOf(leaf, group);
        const value = await columnPages(file, meta, rows);
        return { value, bytes: 64 * (value.pages.length + 1) };
      }),
    );

  const placeName = (leaf: string, group: number, { firstRow, rows }: DataPagePlace): string =>
    `${where}: column '${leaf}' of row group ${group}, rows ${firstRow} to ${firstRow + rows - 1}`;

  /** Values of one page of a row group, and about how much memory they take. */
  async function pageValues(leaf: string, group: number, page: number): Promise<{ value: unknown[]; bytes: number }> {
    const { dictionary, pages } = await groupPages(leaf, group);
    const place = pages[page]!;
    const { offset, length, rows } = place;
    const words = dictionary && (await file.read(dictionary.offset, dictionary.length));
    const bytes = await file.read(offset, length);
    return inFile(placeName(leaf, group, place), async () => {
      const { meta } = columnOf(leaf, group);
      const value = await decodePage(leaves.get(leaf)!, meta, compressors, words, bytes, rows);
      const size = value.reduce<number>((sum, each) => sum + (each instanceof Uint8Array ? each.length : 16), length);
      return { value, bytes: size };
    });
  }

  return {
    path,
    rows: groupEnds.at(-1) ?? 0,
    leaves: new Map([...leaves].map(([leaf, { schema }]) => [leaf, kindOf(schema.at(-1)!)])),
    features: parseFeatures(where, metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value),
    async column(leaf) {
      const all: (number | string | null)[] = [];
      for (let group = 0; group < groupEnds.length; group++) {
        const { pages } = await groupPages(leaf, group);
        for (let page = 0; page < pages.length; page++) {
          const { value } = await pageValues(leaf, group, page);
          for (const each of value)
            all.push(typeof each === 'bigint' ? Number(each) : (each as number | string | null));
        }
      }
      return all;
    },
    async bytes(leaf, row) {
      const group = groupEnds.findIndex((end) => row < end);
      const rowInGroup = row - (groupEnds[group - 1] ?? 0);
      const { pages } = await groupPages(leaf, group);
      const page = pages.findIndex(({ firstRow, rows }) => rowInGroup < firstRow + rows);
      const place = pages[page]!;
      const rowInPage = rowInGroup - place.firstRow;
      if (isWideAndPlain(place)) {
        const { offsets, lengths } = await placesOf(`${leaf} ${group} ${page}`, async () => {
          const where = placeName(leaf, group, place);
          const value = await inFile(where, () => plainValues(file, place, leaves.get(leaf)!.schema));
          return { value, bytes: 12 * place.rows };
        });
        return lengths[rowInPage] === -1 ? null : file.read(offsets[rowInPage]!, lengths[rowInPage]!);
      }
      const values = await valuesOf(`${path} ${leaf} ${group} ${page}`, () => pageValues(leaf, group, page));
      const value = values[rowInPage] as Uint8Array | null;
      return value?.slice() ?? null;
    },
  };
}
