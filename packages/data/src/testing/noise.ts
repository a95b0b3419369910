import { type ImageDataset, randomSource } from '@kd/core';
import { arrayDataset } from '../array-dataset.ts';

/** Images of noise without a black pixel, with labels 0 to 9: any two differ, and background is told from image. */
export function noise(samples: number, imageShape: readonly [number, number, number] = [28, 28, 1]): ImageDataset {
  const random = randomSource({ seed: 1, stream: 'noise' });
  const size = imageShape[0] * imageShape[1] * imageShape[2];
  const data = Uint8Array.from({ length: samples * size }, () => 1 + random.below(255));
  const labels = Array.from({ length: samples }, (_, i) => i % 10);
  return arrayDataset({
    images: { data, shape: [samples, ...imageShape] },
    labels,
    classNames: [...'0123456789'],
  });
}
