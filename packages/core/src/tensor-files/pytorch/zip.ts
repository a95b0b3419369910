import { KdError } from '../../errors.ts';
import { type ByteSource, readExactly } from '../byte-source.ts';
import { crc32 } from './crc32.ts';

const CALLER = 'openPytorch';
const MAX_DIRECTORY_BYTES = 100_000_000;
const CHUNK = 1 << 20;
const [LOCAL, CENTRAL, END, END64, LOCATOR64] = [0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50];
const [LOCAL_BYTES, CENTRAL_BYTES, END_BYTES, END64_BYTES, LOCATOR64_BYTES] = [30, 46, 22, 56, 20];
const MAX_COMMENT_BYTES = 0xffff;

/** A stored file of an archive. */
interface ZipEntry {
  name: string;
  method: number;
  flags: number;
  crc: number;
  size: number;
  storedSize: number;
  /** Where its local header starts, and where at the latest its bytes end. */
  header: number;
  limit: number;
}

/** An open archive. */
export interface Zip {
  readonly names: readonly string[];
  /** Size of an entry in bytes, or `undefined` if there is none. */
  size(name: string): number | undefined;
  /** A part of an entry, after the checksum of the whole was compared once. */
  read(name: string, offset: number, length: number): Promise<Uint8Array>;
}

function invalid(why: string, details: Record<string, unknown> = {}): KdError {
  return new KdError('INVALID_DATA', `${CALLER}: ${why}`, details);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A 64-bit number that is at most the size of the file. */
function place(view: DataView, at: number, source: ByteSource): number {
  const value = view.getBigUint64(at, true);
  if (value > source.size) throw invalid(`the zip directory speaks of byte ${value} of ${source.size}`);
  return Number(value);
}

/** Where the directory is: from the end of the archive, whose own length is unknown because of a comment. */
async function findDirectory(source: ByteSource): Promise<{ start: number; bytes: number; count: number }> {
  const tailBytes = Math.min(source.size, LOCATOR64_BYTES + END_BYTES + MAX_COMMENT_BYTES);
  const tailStart = source.size - tailBytes;
  const tail = viewOf(await readExactly(CALLER, source, tailStart, tailBytes));
  let at = tailBytes - END_BYTES;
  const isEnd = (): boolean =>
    tail.getUint32(at, true) === END && tail.getUint16(at + 20, true) === tailBytes - at - END_BYTES;
  while (at >= 0 && !isEnd()) at--;
  if (at < 0) throw invalid(`no zip directory at the end of ${source.size} bytes: truncated`);
  let end = tailStart + at;
  let count: number = tail.getUint16(at + 10, true);
  let bytes: number = tail.getUint32(at + 12, true);
  let start: number = tail.getUint32(at + 16, true);
  if (at >= LOCATOR64_BYTES && tail.getUint32(at - LOCATOR64_BYTES, true) === LOCATOR64) {
    end = place(tail, at - LOCATOR64_BYTES + 8, source);
    if (end + END64_BYTES > source.size) throw invalid('the zip64 directory is cut');
    const record = viewOf(await readExactly(CALLER, source, end, END64_BYTES));
    if (record.getUint32(0, true) !== END64) throw invalid(`no zip64 directory at byte ${end}`);
    count = place(record, 32, source);
    bytes = place(record, 40, source);
    start = place(record, 48, source);
  }
  if (start + bytes > end || bytes > MAX_DIRECTORY_BYTES || count * CENTRAL_BYTES > bytes) {
    throw invalid(`the zip directory claims ${count} entries in ${bytes} bytes from ${start} on, and ends at ${end}`);
  }
  return { start, bytes, count };
}

/** Puts the sizes and the place of an entry from its zip64 field in, where the usual fields are too small for them. */
function applyZip64(entry: ZipEntry, extra: DataView, source: ByteSource): void {
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const end = at + 4 + extra.getUint16(at + 2, true);
    if (end > extra.byteLength) throw invalid(`'${entry.name}' has a zip field that is cut`);
    if (extra.getUint16(at, true) === 1) {
      let next = at + 4;
      for (const field of ['size', 'storedSize', 'header'] as const) {
        if (entry[field] !== 0xffffffff) continue;
        if (next + 8 > end) throw invalid(`'${entry.name}' has a zip64 field that is cut`);
        entry[field] = place(extra, next, source);
        next += 8;
      }
    }
    at = end;
  }
}

function parseDirectory(bytes: Uint8Array, count: number, source: ByteSource): ZipEntry[] {
  const view = viewOf(bytes);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > bytes.length || view.getUint32(at, true) !== CENTRAL) {
      throw invalid(`entry ${i} of ${count} of the zip directory is damaged`);
    }
    const nameEnd = at + CENTRAL_BYTES + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const next = extraEnd + view.getUint16(at + 32, true);
    if (next > bytes.length) throw invalid(`entry ${i} of ${count} of the zip directory is cut`);
    const entry: ZipEntry = {
      name: new TextDecoder().decode(bytes.subarray(at + CENTRAL_BYTES, nameEnd)),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      storedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      header: view.getUint32(at + 42, true),
      limit: 0,
    };
    applyZip64(entry, viewOf(bytes.subarray(nameEnd, extraEnd)), source);
    entries.push(entry);
    at = next;
  }
  return entries;
}

/** One name for each entry, none on top of another. */
function checkEntries(entries: readonly ZipEntry[], directoryStart: number): Map<string, ZipEntry> {
  let limit = directoryStart;
  for (const entry of [...entries].sort((a, b) => b.header - a.header)) {
    entry.limit = limit;
    if (entry.header + LOCAL_BYTES + entry.storedSize > limit) {
      throw invalid(
        `'${entry.name}' at byte ${entry.header} claims ${entry.storedSize} bytes, but ${limit} is not its own`,
      );
    }
    limit = entry.header;
  }
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  if (byName.size < entries.length) throw invalid('the zip directory has a name twice');
  return byName;
}

/** Where the bytes of an entry start: behind its local header, whose length only it knows. */
async function findData(source: ByteSource, entry: ZipEntry): Promise<number> {
  const { name, method, flags, size, storedSize } = entry;
  if (method !== 0 || (flags & 1) !== 0 || size !== storedSize) {
    throw new KdError(
      'UNSUPPORTED',
      `${CALLER}: '${name}' is ${flags & 1 ? 'encrypted' : 'compressed'}, which torch.save never does; save it anew in Python`,
    );
  }
  const local = viewOf(await readExactly(CALLER, source, entry.header, LOCAL_BYTES));
  const start = entry.header + LOCAL_BYTES + local.getUint16(26, true) + local.getUint16(28, true);
  if (local.getUint32(0, true) !== LOCAL || start + size > entry.limit) {
    throw invalid(`'${name}' is not at byte ${entry.header}, where the zip directory has it`);
  }
  const nameBytes = await readExactly(CALLER, source, entry.header + LOCAL_BYTES, local.getUint16(26, true));
  if (new TextDecoder().decode(nameBytes) !== name) {
    throw invalid(`'${name}' is called otherwise at byte ${entry.header}, where the zip directory has it`);
  }
  return start;
}

/**
 * Opens a zip archive as `torch.save` writes it: stored entries, with or without the 64-bit fields.
 *
 * Only the directory is read. An entry's bytes are compared with its checksum when it is first read (but for a checksum
 * of 0: torch writes that where it was told not to compute any).
 *
 * @throws {KdError} INVALID_DATA if the directory is damaged or its entries overlap
 *
 * Reference: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3.
 */
export async function openZip(source: ByteSource): Promise<Zip> {
  const { start, bytes, count } = await findDirectory(source);
  const directory = await readExactly(CALLER, source, start, bytes);
  const entries = checkEntries(parseDirectory(directory, count, source), start);
  const checked = new Map<string, number>(); // start of the bytes of entries whose checksum is right

  return {
    names: [...entries.keys()],
    size: (name) => entries.get(name)?.size,
    async read(name, offset, length) {
      const entry = entries.get(name)!;
      const known = checked.get(name);
      if (known !== undefined) return readExactly(CALLER, source, known + offset, length);
      const data = await findData(source, entry);
      const whole = offset === 0 && length === entry.size;
      const result = whole ? await readExactly(CALLER, source, data, length) : undefined;
      let crc = result ? crc32(result) : 0;
      for (let at = 0; !result && entry.crc !== 0 && at < entry.size; at += CHUNK) {
        crc = crc32(await readExactly(CALLER, source, data + at, Math.min(CHUNK, entry.size - at)), crc);
      }
      if (entry.crc !== 0 && crc !== entry.crc) {
        throw invalid(`'${name}' has the checksum ${crc.toString(16)} instead of ${entry.crc.toString(16)}: damaged`);
      }
      checked.set(name, data);
      return result ?? readExactly(CALLER, source, data + offset, length);
    },
  };
}
