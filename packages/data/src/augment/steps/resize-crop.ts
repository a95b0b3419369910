import { KdError } from '@kd/core';
import { checkInteger } from '../../checks.ts';
import { resizeImage } from '../../resample/resize-image.ts';
import { crop } from '../pixels/crop.ts';
import type { Uint8Image } from '../pixels/uint8-image.ts';
import { redrawnSize } from './redraw.ts';
import { checkResampling, type Resampling } from './resized-crop.ts';
import { resolveSize, type Size } from './size.ts';
import type { StepKind } from './step-kind.ts';

/** The whole image at one scale, then a part of it: from the middle, as evaluation does, or from anywhere. */
export interface ResizeCropStep {
  type: 'resizeCrop';
  /** Length of the shorter side after resizing; the other follows, rounded down. */
  shortestEdge: number;
  /** Height and width of the part, at most `shortestEdge`. */
  size: Size;
  /** @default 'center' */
  place?: 'center' | 'random';
  /** @default 'bilinear' */
  resample?: Resampling;
}

interface Whole extends Required<ResizeCropStep> {
  size: readonly [number, number];
}

export const resizeCrop: StepKind<ResizeCropStep, Whole> = {
  resolve(where, { type, shortestEdge, size: given, place = 'center', resample = 'bilinear' }) {
    checkInteger(where, 'shortestEdge', shortestEdge, 1, Number.POSITIVE_INFINITY);
    checkResampling(where, resample);
    const size = resolveSize(where, given);
    if (Math.max(...size) > shortestEdge) {
      throw new KdError(
        'INVALID_ARGUMENT',
        `${where}: size [${size}] is larger than shortestEdge ${shortestEdge}; enlarge shortestEdge`,
        { size, shortestEdge },
      );
    }
    if (place !== 'center' && place !== 'random') {
      throw new KdError('INVALID_ARGUMENT', `${where}: place must be 'center' or 'random', got '${place}'`, { place });
    }
    return { type, shortestEdge, size, place, resample };
  },
  apply(image, { shortestEdge, size, place, resample }, random, redraw) {
    const drawn = sidesFor(redraw?.shape ?? image.shape, shortestEdge);
    const [height, width] = size;
    const [spareY, spareX] = [drawn[0] - height, drawn[1] - width];
    const [top, left] =
      place === 'random'
        ? [random.below(spareY + 1), random.below(spareX + 1)]
        : [Math.floor(spareY / 2), Math.floor(spareX / 2)];
    const made = redrawnSize(size, redraw);
    const sides = redrawnSize(drawn, redraw).map((side, axis) => Math.max(side, made[axis]!)) as [number, number];
    const resized = resizeImage(image, { height: sides[0], width: sides[1], filter: resample }) as Uint8Image;
    const start = (at: number, axis: 0 | 1): number =>
      Math.min(sides[axis] - made[axis], Math.round(at * (redraw?.ratio[axis] ?? 1)));
    return crop(resized, { top: start(top, 0), left: start(left, 1), height: made[0], width: made[1] });
  },
  size: ({ size }) => size,
};

/** Height and width, the shorter one as long as `edge`. */
function sidesFor(shape: readonly number[], edge: number): [number, number] {
  const [height, width] = shape as [number, number, number];
  const short = Math.min(height, width);
  const side = (length: number): number => Math.floor((edge * length) / short);
  return [side(height), side(width)];
}
