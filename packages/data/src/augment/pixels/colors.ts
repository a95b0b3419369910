import { blender, luma } from './blend.ts';
import { mapPixels, type Uint8Image } from './uint8-image.ts';

/** Blends with black: 0 is black, 1 the image, 2 twice as bright. */
export function adjustBrightness(image: Uint8Image, factor: number): Uint8Image {
  const blend = blender(factor);
  return mapPixels(
    image,
    Uint8Array.from({ length: 256 }, (_, pixel) => blend(pixel, 0)),
  );
}

/** Blends with the image's mean brightness: 0 is grey all over, 1 the image. */
export function adjustContrast(image: Uint8Image, factor: number): Uint8Image {
  const brightness = luma(image);
  let sum = 0;
  for (let i = 0; i < brightness.length; i++) sum += brightness[i]!;
  const mean = Math.fround(sum / brightness.length);
  const blend = blender(factor);
  return mapPixels(
    image,
    Uint8Array.from({ length: 256 }, (_, pixel) => blend(pixel, mean)),
  );
}

/** Blends with the image in grey: 0 is grey, 1 the image. A grey image stays. */
export function adjustSaturation(image: Uint8Image, factor: number): Uint8Image {
  const { data, shape } = image;
  if (shape[2] === 1) return image;
  const grey = luma(image);
  const blend = blender(factor);
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = blend(data[i]!, grey[Math.floor(i / 3)]!);
  return { data: out, shape };
}
