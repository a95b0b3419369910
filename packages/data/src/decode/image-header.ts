import { jpegSegments } from './jpeg-segments.ts';

/** Formats told apart by their first bytes; a file's name says nothing. */
export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'avif' | 'bmp';

/** What the first bytes of an image tell. */
export interface ImageHeader {
  format: ImageFormat;
  /** As stored: an EXIF orientation may turn it. Absent for TIFF, AVIF and BMP, and if the header is cut. */
  width?: number;
  height?: number;
  /** Numbers a pixel; for JPEG, where 4 are CMYK. */
  components?: number;
  /** Set for a PNG of 16 bits without colours. */
  gray16?: true;
}

const ascii = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));

const NO_FRAME = [0xc4, 0xc8, 0xcc]; // tables, among the numbers of frames

/** The frame header: the first SOF segment. */
function jpeg(bytes: Uint8Array, view: DataView): ImageHeader {
  for (const { marker, start } of jpegSegments(bytes)) {
    if (marker < 0xc0 || marker > 0xcf || NO_FRAME.includes(marker) || start + 5 >= bytes.length) continue;
    return {
      format: 'jpeg',
      height: view.getUint16(start + 1),
      width: view.getUint16(start + 3),
      components: bytes[start + 5]!,
    };
  }
  return { format: 'jpeg' };
}

function png(bytes: Uint8Array, view: DataView): ImageHeader {
  if (bytes.length < 26) return { format: 'png' };
  const gray16 = bytes[24] === 16 && bytes[25] === 0;
  return { format: 'png', width: view.getUint32(16), height: view.getUint32(20), ...(gray16 && { gray16 }) };
}

function gif(bytes: Uint8Array, view: DataView): ImageHeader {
  if (bytes.length < 10) return { format: 'gif' };
  return { format: 'gif', width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

function webp(bytes: Uint8Array, view: DataView): ImageHeader {
  if (bytes.length < 30) return { format: 'webp' };
  const chunk = ascii(bytes, 12, 16);
  const low24 = (at: number): number => view.getUint16(at, true) + (bytes[at + 2]! << 16);
  if (chunk === 'VP8X') return { format: 'webp', width: low24(24) + 1, height: low24(27) + 1 };
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { format: 'webp', width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  return { format: 'webp', width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

/**
 * Format and size of an encoded image, read from its first bytes without decoding anything.
 *
 * @returns undefined if it is none of JPEG, PNG, GIF, WebP, TIFF, AVIF, BMP
 *
 * @example
 * import { imageHeader } from '@kd/data';
 * const start = Uint8Array.of(0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x40, 0x01, 0xf0, 0x00); // 'GIF89a', 320, 240
 * console.log(imageHeader(start)); // { format: 'gif', width: 320, height: 240 }
 */
export function imageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return jpeg(bytes, view);
  const [four, brand] = [ascii(bytes, 0, 4), ascii(bytes, 8, 12)];
  if (four === '\x89PNG') return png(bytes, view);
  if (four === 'GIF8') return gif(bytes, view);
  if (four === 'RIFF' && brand === 'WEBP') return webp(bytes, view);
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(four)) return { format: 'tiff' };
  if (ascii(bytes, 4, 8) === 'ftyp' && /^(....)*avi[fs]/s.test(ascii(bytes, 8, 40))) return { format: 'avif' };
  if (four.startsWith('BM')) return { format: 'bmp' };
  return undefined;
}
