import type { RandomSource } from '@kd/core';
import type { Box } from '../pixels/crop.ts';
import { type RandomBoxOptions, randomBox } from './random-box.ts';
import { redrawnBox, redrawnSize } from './redraw.ts';
import { checkResampling, type Resampling, resizedCrop } from './resized-crop.ts';
import { resolveSize, type Size } from './size.ts';
import { checkRange, type StepKind } from './step-kind.ts';

/** A box of the image, of a random size, place and ratio, brought to one size: "Inception's" crop. */
export interface RandomResizedCropStep {
  type: 'randomResizedCrop';
  /** Height and width of the result. */
  size: Size;
  /** Share of the image's area, drawn evenly. @default [0.08, 1] */
  scale?: readonly [number, number];
  /** Width by height, its logarithm drawn evenly. @default [3 / 4, 4 / 3] */
  ratio?: readonly [number, number];
  /** @default 'bilinear' */
  resample?: Resampling;
}

interface Whole extends Required<RandomResizedCropStep> {
  size: readonly [number, number];
}

export const randomResizedCrop: StepKind<RandomResizedCropStep, Whole> = {
  resolve(where, { type, size, scale = [0.08, 1], ratio = [3 / 4, 4 / 3], resample = 'bilinear' }) {
    checkRange(where, 'scale', scale, 0, 1);
    checkRange(where, 'ratio', ratio, Number.MIN_VALUE, Number.MAX_VALUE);
    checkResampling(where, resample);
    return { type, size: resolveSize(where, size), scale, ratio, resample };
  },
  apply(image, options, random, redraw) {
    const box = drawBox(redraw?.shape ?? image.shape, options, random);
    return resizedCrop(
      image,
      redrawnBox(box, image.shape, redraw),
      redrawnSize(options.size, redraw),
      options.resample,
    );
  },
  size: ({ size }) => size,
};

/** The largest central box whose ratio is allowed stands in for ten boxes that do not fit, as in torchvision. */
function drawBox(shape: readonly number[], options: RandomBoxOptions, random: RandomSource): Box {
  const [height, width] = shape as [number, number, number];
  const sides = (area: number, ratio: number) => [Math.sqrt(area / ratio), Math.sqrt(area * ratio)] as const;
  const fits = (h: number, w: number): boolean => h > 0 && h <= height && w > 0 && w <= width;
  const box = randomBox(random, [height, width], options, sides, fits);
  if (box) return box;
  const [low, high] = options.ratio;
  const central = {
    height: width / height < low ? Math.max(1, Math.round(width / low)) : height,
    width: width / height > high ? Math.max(1, Math.round(height * high)) : width,
  };
  return {
    top: Math.floor((height - central.height) / 2),
    left: Math.floor((width - central.width) / 2),
    ...central,
  };
}
