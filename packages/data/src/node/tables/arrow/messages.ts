import { type ByteSource, KdError } from '@kd/core';
import { type FlatTable, flatRoot } from './flat-table.ts';

const SCHEMA = 1;
const DICTIONARY_BATCH = 2;
const RECORD_BATCH = 3;
const CONTINUES = 0xffffffff; // stands before the length of a message since Arrow 0.15
const MAGIC = 'ARROW1';
const MAX_HEADER_BYTES = 2 ** 26;

/** One record batch where it lies. */
export interface RecordBatchPlace {
  rows: number;
  /** (length, nulls) of each field, depth first. */
  nodes: [number, number][];
  /** (offset in the file, length) of each buffer, in the order of the fields. */
  buffers: [number, number][];
}

/** What an Arrow file consists of; none of its values has been read. */
export interface ArrowMessages {
  schema: FlatTable;
  batches: RecordBatchPlace[];
}

/** A stream of messages, alone or in a file: there it stands between a magic word and a footer. */
interface Extent {
  start: number;
  end: number;
  /** That of a file's footer; apache-arrow for JavaScript writes it nowhere else. */
  schema: FlatTable | undefined;
}

async function extentOf(file: ByteSource): Promise<Extent> {
  const ascii = async (at: number): Promise<string> =>
    new TextDecoder('latin1').decode(await file.read(at, MAGIC.length));
  if ((await ascii(0)) !== MAGIC) return { start: 0, end: file.size, schema: undefined };
  if (file.size < 20 || (await ascii(file.size - MAGIC.length)) !== MAGIC) throw new Error('has lost its end');
  const tail = file.size - MAGIC.length - 4;
  const length = new DataView((await file.read(tail, 4)).buffer).getUint32(0, true);
  if (length > Math.min(tail - 8, MAX_HEADER_BYTES)) throw new Error(`has a footer of ${length} bytes`);
  return { start: 8, end: tail - length, schema: flatRoot(await file.read(tail - length, length)).table(1) };
}

function placeOf(header: FlatTable, body: number, bodyLength: number): RecordBatchPlace {
  if (header.table(3)) {
    throw new KdError('UNSUPPORTED', 'has compressed record batches; write it without compression, or as Parquet');
  }
  const buffers = header.pairs(2).map(([offset, length], i): [number, number] => {
    if (offset + length <= bodyLength) return [body + offset, length];
    throw new Error(`has a buffer ${i} at bytes ${offset} to ${offset + length} of a body of ${bodyLength}`);
  });
  return { rows: header.long(0), nodes: header.pairs(1), buffers };
}

/**
 * Walks over the messages of an Arrow IPC file or stream (`datasets` writes streams). Headers only: bodies, which hold
 * the images, are skipped. This and not apache-arrow's reader, since that reads a whole record batch, 100 MB of images,
 * to give one of them, and believes what a damaged header says.
 *
 * @throws whatever is wrong, without the file's name
 *
 * Reference: Arrow Columnar Format 1.5, "Serialization and Interprocess Communication".
 */
export async function arrowMessages(file: ByteSource): Promise<ArrowMessages> {
  const { start, end, ...extent } = await extentOf(file);
  const found: { schema: FlatTable | undefined; batches: RecordBatchPlace[] } = { schema: extent.schema, batches: [] };
  for (let at = start; ; ) {
    const prefix = new DataView((await file.read(at, 8)).buffer);
    if (prefix.byteLength < 8 || at + 8 > end) {
      // Files from before 0.15 end without a mark; what tells that they are whole is their footer.
      if (at === end && start > 0) break;
      throw new Error(`ends at byte ${at} without its end mark`);
    }
    const isNew = prefix.getUint32(0, true) === CONTINUES;
    const length = prefix.getUint32(isNew ? 4 : 0, true);
    if (length === 0) break;
    const from = at + (isNew ? 8 : 4);
    if (length > MAX_HEADER_BYTES || from + length > end) {
      throw new Error(`has a header of ${length} bytes at byte ${from} of ${end}`);
    }
    const message = flatRoot(await file.read(from, length));
    const header = message.table(2);
    const type = message.int(1, 8, 0);
    const bodyLength = message.long(3);
    const body = from + length;
    if (!header || body + bodyLength > end) {
      throw new Error(`has a message of ${bodyLength} bytes at byte ${body} of ${end}`);
    }
    if (type === SCHEMA) found.schema = header;
    else if (type === RECORD_BATCH) found.batches.push(placeOf(header, body, bodyLength));
    else if (type !== DICTIONARY_BATCH) throw new Error(`has a message of the unknown type ${type} at byte ${at}`);
    at = body + bodyLength;
  }
  if (!found.schema) throw new Error('has no schema: is it an Arrow IPC file?');
  return { schema: found.schema, batches: found.batches };
}
