import { type ImageArray, KdError } from '@kd/core';
import { checkPixelType } from '../../checks.ts';

/** An image of uint8 pixels, HWC. */
export interface Uint8Image {
  data: Uint8Array;
  shape: readonly number[];
}

/** Refuses what is not one uint8 image of 1 or 3 channels. */
export function checkUint8Image(where: string, image: ImageArray): asserts image is Uint8Image {
  checkPixelType(where, image.data, [Uint8Array]);
  const { data, shape } = image;
  const [height = 0, width = 0, channels = 0] = shape;
  const sane = shape.length === 3 && height > 0 && width > 0 && (channels === 1 || channels === 3);
  if (sane && data.length === height * width * channels) return;
  throw new KdError(
    'SHAPE_MISMATCH',
    `${where}: ${data.length} pixels of shape [${shape}] are not an image [height, width, 1 or 3]`,
    { shape, length: data.length },
  );
}

/** Every pixel through a table of 256, the same for all channels. */
export function mapPixels({ data, shape }: Uint8Image, table: Uint8Array): Uint8Image {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = table[data[i]!]!;
  return { data: out, shape };
}

/** Every pixel through a table of 256 for its channel. */
export function mapChannels({ data, shape }: Uint8Image, tables: readonly Uint8Array[]): Uint8Image {
  const channels = tables.length;
  const out = new Uint8Array(data.length);
  for (let channel = 0; channel < channels; channel++) {
    const table = tables[channel]!;
    for (let i = channel; i < data.length; i += channels) out[i] = table[data[i]!]!;
  }
  return { data: out, shape };
}
