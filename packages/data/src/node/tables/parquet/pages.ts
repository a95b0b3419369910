import type { ColumnMetaData, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import type { ReopenedFile } from '../reopened-file.ts';

/** Where a page lies, its header included. */
interface PagePlace {
  offset: number;
  length: number;
}

export interface DataPagePlace extends PagePlace {
  firstRow: number;
  rows: number;
  headerLength: number;
  /** Its values are in the file as they are. */
  isPlain: boolean;
  /** Length of the definition levels; in pages of version 1 it stands before them. */
  levelBytes: number | undefined;
}

/** The pages of one column of one row group. */
export interface ColumnPages {
  dictionary: PagePlace | undefined;
  pages: DataPagePlace[];
}

const HEADER_BYTES = 1 << 12; // a header takes 20 to 100, and up to some kB with statistics of long values
const MAX_HEADER_BYTES = 1 << 24;
const MAX_PAGE_BYTES = 2 ** 30; // a page holds about 1 MB; keeps a damaged size from taking all memory

/** The header at `offset` and its own length. */
async function headerAt(file: ReopenedFile, offset: number, end: number): Promise<[PageHeader, number]> {
  for (let window = HEADER_BYTES; ; window *= 16) {
    const bytes = await file.read(offset, Math.min(window, end - offset));
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
    try {
      const header = parquetHeader(reader);
      return [header, reader.offset];
    } catch (cause) {
      if (bytes.length === window && window < MAX_HEADER_BYTES) continue; // it may be longer
      throw new Error(`no page header at byte ${offset} (${(cause as Error).message})`);
    }
  }
}

/** A damaged header has numbers of any size and sign, and other things in their place. */
const isCount = (value: unknown, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;

/** Rows of a data page; columns of one value a row have as many rows as values. */
function rowsOf({ data_page_header: v1, data_page_header_v2: v2 }: PageHeader): number | undefined {
  if (v1) return v1.num_values;
  return v2 && v2.num_rows === v2.num_values ? v2.num_rows : undefined;
}

/**
 * Finds the pages of a column by walking over their headers, a few bytes each, so that one image can be read without the
 * rest of its row group, which may hold gigabytes. Also what keeps a damaged file from being believed: every number that
 * memory or loops depend on is compared with the file's size and the row group's rows before a page is decoded.
 *
 * @throws whatever is wrong, without the file's name
 */
export async function columnPages(file: ReopenedFile, meta: ColumnMetaData, rows: number): Promise<ColumnPages> {
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const end = start + Number(meta.total_compressed_size);
  if (!(start >= 4 && end > start && end <= file.size)) {
    throw new Error(`its pages are said to be at bytes ${start} to ${end} of ${file.size}`);
  }
  const found: ColumnPages = { dictionary: undefined, pages: [] };
  let row = 0;
  for (let offset = start; offset < end && row < rows; ) {
    const [header, headerLength] = await headerAt(file, offset, end);
    const {
      type,
      compressed_page_size: size,
      uncompressed_page_size: fullSize,
      dictionary_page_header: words,
    } = header;
    if (!isCount(size, end - offset - headerLength) || !isCount(fullSize, MAX_PAGE_BYTES)) {
      throw new Error(`a page of ${size}, unpacked ${fullSize} bytes at byte ${offset} cannot be, before byte ${end}`);
    }
    const place = { offset, length: headerLength + size };
    if (type === 'DICTIONARY_PAGE') {
      // Each value has a byte or more, but for columns of empty texts.
      if (!words || !isCount(words.num_values, fullSize + 1))
        throw new Error(`a dictionary at byte ${offset} cannot be`);
      found.dictionary = place;
    } else if (type !== 'INDEX_PAGE') {
      const count = rowsOf(header);
      if (!isCount(count, rows - row))
        throw new Error(`a page at byte ${offset} claims ${count} of ${rows - row} rows`);
      const { data_page_header: v1, data_page_header_v2: v2 } = header;
      const isPlain = meta.codec === 'UNCOMPRESSED' && (v1 ?? v2)!.encoding === 'PLAIN';
      const levelBytes = v2?.definition_levels_byte_length;
      if (count > 0) found.pages.push({ ...place, firstRow: row, rows: count, headerLength, isPlain, levelBytes });
      row += count;
    }
    offset += place.length;
  }
  if (row !== rows) throw new Error(`its pages hold ${row} of ${rows} rows`);
  return found;
}
