import { createRequire } from 'node:module';
import { isUpright } from '../../decode/exif-orientation.ts';
import type { ImageHeader } from '../../decode/image-header.ts';
import { once } from '../../once.ts';

const MOST_PIXELS = 2 ** 22; // its memory only grows: what one huge image needs would be kept

/** What is used of the package, which has no types. Its views are into memory that moves with the next call. */
interface JpegDecoder {
  getEncodedBuffer(bytes: number): Uint8ClampedArray;
  /** @throws a number for any error or warning of the library */
  decode(): void;
  getFrameInfo(): { width: number; height: number; componentCount: number };
  getDecodedBuffer(): Uint8ClampedArray;
}

/** None where its module is not found, as in a bundle: it only saves time. */
const loadDecoder = once(async (): Promise<JpegDecoder | undefined> => {
  try {
    const require = createRequire(import.meta.url);
    const create: () => Promise<{ JPEGDecoder: new () => JpegDecoder }> =
      require('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs');
    return new (await create()).JPEGDecoder();
  } catch {
    return undefined;
  }
});

/** The same memory; copies from one kind of array to the other go byte by byte. */
const plain = ({ buffer, byteOffset, length }: Uint8ClampedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, length);

function grayToRgb(gray: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(gray.length * 3);
  for (let from = 0, to = 0; from < gray.length; from++, to += 3) rgb[to] = rgb[to + 1] = rgb[to + 2] = gray[from]!;
  return rgb;
}

interface DecodedJpeg {
  data: Uint8Array;
  shape: [number, number, number];
}

/**
 * The pixels of an ordinary JPEG by libjpeg-turbo in WebAssembly, which are those of sharp: .9 ms on this thread for
 * 256 x 256 pixels in place of the 1.5 to 2 ms, most of them overhead, that sharp takes on threads of its own.
 *
 * @returns undefined for all that is not quite ordinary (CMYK, turned, very large, with the smallest damage): sharp decodes
 *   it, or says what is wrong
 */
export async function decodeJpeg(bytes: Uint8Array, header: ImageHeader): Promise<DecodedJpeg | undefined> {
  const { format, components, width = 0, height = 0 } = header;
  if (format !== 'jpeg' || (components !== 1 && components !== 3) || width * height > MOST_PIXELS) return undefined;
  if (!isUpright(bytes)) return undefined;
  const decoder = await loadDecoder();
  if (!decoder) return undefined;
  try {
    plain(decoder.getEncodedBuffer(bytes.length)).set(bytes);
    decoder.decode();
  } catch {
    return undefined;
  }
  const { width: columns, height: rows, componentCount } = decoder.getFrameInfo();
  const pixels = plain(decoder.getDecodedBuffer());
  return { data: componentCount === 1 ? grayToRgb(pixels) : pixels.slice(), shape: [rows, columns, 3] };
}
