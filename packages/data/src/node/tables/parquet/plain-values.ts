import type { SchemaElement } from 'hyparquet';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import type { ReopenedFile } from '../reopened-file.ts';
import type { DataPagePlace } from './pages.ts';

/** Where the values of a page are in the file; a length of -1 is no value. */
export interface ValuePlaces {
  offsets: Float64Array;
  lengths: Int32Array;
}

const MIN_PAGE_BYTES = 2 ** 22;
const MIN_VALUE_BYTES = 2 ** 14;

/**
 * Whether a page is better not read as a whole. Writers look at a page's size every 1024 rows or so: of images, that can
 * be a page of 100 MB and more.
 */
export function isWideAndPlain({ isPlain, length, rows }: DataPagePlace): boolean {
  return isPlain && length >= MIN_PAGE_BYTES && length / rows >= MIN_VALUE_BYTES;
}

/**
 * Finds the values of an uncompressed page of byte arrays one after the other, by reading their lengths alone (4 bytes
 * before each).
 *
 * @param schema from the root to the leaf
 * @throws whatever is wrong, without the file's name
 *
 * Reference: Apache Parquet format 2.11, "Data Pages" and "Plain".
 */
export async function plainValues(
  file: ReopenedFile,
  { offset, length, headerLength, levelBytes, rows }: DataPagePlace,
  schema: readonly SchemaElement[],
): Promise<ValuePlaces> {
  const depth = schema.filter(({ repetition_type: type }) => type === 'OPTIONAL').length;
  const places = { offsets: new Float64Array(rows), lengths: new Int32Array(rows).fill(-1) };
  const end = offset + length;
  await file.session(async (read) => {
    const uint32 = async (at: number): Promise<number> => {
      if (at + 4 > end) throw new Error(`a page ends within the values at byte ${at}`);
      const bytes = await read(at, 4);
      return new DataView(bytes.buffer).getUint32(0, true);
    };
    let at = offset + headerLength;
    const levels = new Uint8Array(rows).fill(depth); // typed: a run that is too long is cut at its end
    if (depth > 0) {
      const size = levelBytes ?? (await uint32(at)); // version 2 of a page has it in the header
      if (levelBytes === undefined) at += 4;
      if (at + size > end) throw new Error(`levels of ${size} bytes do not end before byte ${end}`);
      const bytes = await read(at, size);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      readRleBitPackedHybrid({ view, offset: 0 }, 32 - Math.clz32(depth), levels, size);
      at += size;
    }
    for (let row = 0; row < rows; row++) {
      if (levels[row] !== depth) continue;
      const size = await uint32(at);
      if (at + 4 + size > end)
        throw new Error(`a value of ${size} bytes at byte ${at} does not end before byte ${end}`);
      places.offsets[row] = at + 4;
      places.lengths[row] = size;
      at += 4 + size;
    }
  });
  return places;
}
