import type { ImageArray } from '@kd/core';
import { translate } from '../pixels/affine.ts';
import type { Box } from '../pixels/crop.ts';
import type { Redraw } from './step-kind.ts';

/** A size in the pipeline's result, in the size that it is made in for another network. */
export function redrawnSize([height, width]: readonly [number, number], redraw?: Redraw): readonly [number, number] {
  const [byHeight, byWidth] = redraw?.ratio ?? [1, 1];
  return [Math.max(1, Math.round(height * byHeight)), Math.max(1, Math.round(width * byWidth))];
}

/** A box that was drawn in an image of one shape, at the same place of another image. */
export function redrawnBox(box: Box, [height, width]: readonly number[], redraw?: Redraw): Box {
  if (!redraw) return box;
  const [top, bottom] = redrawnSpan(box.top, box.height, height!, redraw.shape[0]!);
  const [left, right] = redrawnSpan(box.left, box.width, width!, redraw.shape[1]!);
  return { top, left, height: bottom - top, width: right - left };
}

/** Not empty, and within the image. */
function redrawnSpan(start: number, length: number, size: number, drawnSize: number): [start: number, end: number] {
  const from = Math.min(size - 1, Math.round((start * size) / drawnSize));
  return [from, Math.max(from + 1, Math.min(size, Math.round(((start + length) * size) / drawnSize)))];
}

/** Moves an image as far as one of another shape, whose pixels dx and dy count. */
export function redrawnShift<Image extends ImageArray>(
  image: Image,
  [dx, dy]: readonly [dx: number, dy: number],
  drawnFor: readonly number[] = image.shape,
): Image {
  const [byHeight, byWidth] = [image.shape[0]! / drawnFor[0]!, image.shape[1]! / drawnFor[1]!];
  return translate(image, Math.round(dx * byWidth), Math.round(dy * byHeight));
}
