import { jpegSegments } from './jpeg-segments.ts';

const EXIF = 0xe1;
const ORIENTATION = 0x0112;
const SHORT = 3;

/**
 * Whether a JPEG is certainly to be shown as it is stored: nothing in it speaks of another orientation. Damaged Exif data
 * may say anything, and is left to a decoder that reads all of it.
 */
export function isUpright(bytes: Uint8Array): boolean {
  for (const { marker, start, end } of jpegSegments(bytes)) {
    if (marker === EXIF && startsAsExif(bytes, start) && !saysUpright(bytes.subarray(start + 6, end))) return false;
  }
  return true;
}

function startsAsExif(bytes: Uint8Array, at: number): boolean {
  return [0x45, 0x78, 0x69, 0x66].every((letter, i) => bytes[at + i] === letter);
}

/** Looks through the first directory of a TIFF structure. */
function saysUpright(tiff: Uint8Array): boolean {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const isLittle = tiff[0] === 0x49;
  if (tiff.length < 8) return false;
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > tiff.length) return false;
  const count = view.getUint16(directory, isLittle);
  if (directory + 2 + count * 12 > tiff.length) return false;
  for (let entry = 0, at = directory + 2; entry < count; entry++, at += 12) {
    if (view.getUint16(at, isLittle) !== ORIENTATION) continue;
    if (view.getUint16(at + 2, isLittle) !== SHORT || view.getUint16(at + 8, isLittle) !== 1) return false;
  }
  return true;
}
