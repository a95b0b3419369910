import { KdError } from '@kd/core';
import { resizeImage } from '../../resample/resize-image.ts';
import { type Box, crop } from '../pixels/crop.ts';
import type { Uint8Image } from '../pixels/uint8-image.ts';

/** How pixels are interpolated, with antialiasing, as in Pillow. */
export type Resampling = 'bilinear' | 'bicubic' | 'lanczos' | 'nearest';

const RESAMPLINGS: readonly string[] = ['bilinear', 'bicubic', 'lanczos', 'nearest'] satisfies Resampling[];

export function checkResampling(where: string, resample: string): void {
  if (RESAMPLINGS.includes(resample)) return;
  throw new KdError(
    'INVALID_ARGUMENT',
    `${where}: resample must be one of ${RESAMPLINGS.join(', ')}, got '${resample}'`,
    {
      resample,
    },
  );
}

/** Cuts a box out of an image and brings it to a size: Pillow's `crop`, then its `resize`. */
export function resizedCrop(
  image: Uint8Image,
  box: Box,
  [height, width]: readonly [number, number],
  filter: Resampling,
): Uint8Image {
  return resizeImage(crop(image, box), { height, width, filter }) as Uint8Image;
}
