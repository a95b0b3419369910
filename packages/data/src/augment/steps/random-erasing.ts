import { KdError } from '@kd/core';
import type { Uint8Image } from '../pixels/uint8-image.ts';
import { randomBox } from './random-box.ts';
import { redrawnBox } from './redraw.ts';
import { checkNumber, checkRange, type StepKind } from './step-kind.ts';

/** A box of the image is painted over. */
export interface RandomErasingStep {
  type: 'randomErasing';
  /** In [0, 1]. @default 0.5 */
  probability?: number;
  /** Share of the image's area, drawn evenly. @default [0.02, 0.33] */
  scale?: readonly [number, number];
  /** Height by width, its logarithm drawn evenly. @default [0.3, 3.3] */
  ratio?: readonly [number, number];
  /**
   * What it is painted with: a level of each channel in [0, 255], one for all channels, or 'noise' for random levels.
   * The data's mean (`255 * mean`) is 0 after normalisation, which is what torchvision's default of 0 means. @default 0
   */
  fill?: number | readonly number[] | 'noise';
}

export const randomErasing: StepKind<RandomErasingStep, Required<RandomErasingStep>> = {
  resolve(where, { type, probability = 0.5, scale = [0.02, 0.33], ratio = [0.3, 3.3], fill = 0 }) {
    checkNumber(where, 'probability', probability, 0, 1);
    checkRange(where, 'scale', scale, 0, 1);
    checkRange(where, 'ratio', ratio, Number.MIN_VALUE, Number.MAX_VALUE);
    if (fill !== 'noise') for (const level of [fill].flat()) checkNumber(where, 'fill', level, 0, 255);
    return { type, probability, scale, ratio, fill };
  },
  apply(image, { probability, fill, ...options }, random, redraw) {
    if (random.uniform() >= probability) return image;
    const [height, width] = (redraw?.shape ?? image.shape) as [number, number, number];
    const [, ownWidth, channels] = image.shape as [number, number, number];
    const sides = (area: number, ratio: number) => [Math.sqrt(area * ratio), Math.sqrt(area / ratio)] as const;
    const drawn = randomBox(random, [height, width], options, sides, (h, w) => h < height && w < width);
    if (!drawn) return image;
    const box = redrawnBox(drawn, image.shape, redraw);
    const level = fill === 'noise' ? () => random.below(256) : levels(fill, channels);
    const data = image.data.slice();
    for (let y = box.top; y < box.top + box.height; y++) {
      const start = (y * ownWidth + box.left) * channels;
      for (let i = 0; i < box.width * channels; i++) data[start + i] = level(i % channels);
    }
    return { ...image, data } satisfies Uint8Image;
  },
};

function levels(fill: number | readonly number[], channels: number): (channel: number) => number {
  const each = typeof fill === 'number' ? new Array<number>(channels).fill(fill) : fill;
  if (each.length !== channels) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `randomErasing: fill [${each}] has ${each.length} levels, the image ${channels} channels; give one number for all`,
      { fill, channels },
    );
  }
  return (channel) => Math.round(each[channel]!);
}
