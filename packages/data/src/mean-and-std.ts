import type { ImageDataset } from '@kd/core';
import { locator } from './locate.ts';
import type { Normalization } from './normalization.ts';

/**
 * Mean and standard deviation of all pixels of a dataset, in [0, 1]: what `dataLoader` takes as `normalize`.
 *
 * `std = sqrt(mean(pixel²) - mean(pixel)²)`, over all channels together.
 *
 * @example
 * import { arrayDataset, meanAndStd } from '@kd/data';
 * const dataset = arrayDataset({ images: { data: Uint8Array.of(0, 255), shape: [2, 1, 1] } });
 * console.log(meanAndStd(dataset)); // { mean: 0.5, std: 0.5 }
 */
export function meanAndStd(dataset: ImageDataset): Normalization {
  const [height, width, channels] = dataset.imageShape;
  const size = height * width * channels;
  const locate = locator(dataset);
  let sum = 0;
  let squares = 0;
  for (let index = 0; index < dataset.length; index++) {
    const { data, start } = locate(index);
    const scale = data instanceof Uint8Array ? 1 : 255; // summed in 0 … 255, where sums of uint8 pixels are exact
    for (let i = start; i < start + size; i++) {
      const pixel = data[i]! * scale;
      sum += pixel;
      squares += pixel * pixel;
    }
  }
  const count = dataset.length * size;
  const mean = sum / count;
  return { mean: mean / 255, std: Math.sqrt(Math.max(0, squares / count - mean * mean)) / 255 };
}
