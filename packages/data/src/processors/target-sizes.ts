import { KdError } from '@kd/core';
import type { ResolvedConfig } from './resolve-config.ts';
import type { Sides } from './settings.ts';

/** ConvNeXT resizes to the whole square from this size on, without a crop. */
const WHOLE_FROM = 384;

/** What happens to an image's sides. */
export interface TargetSizes {
  /** Sides after resizing; absent if it is not resized. */
  resized?: (image: Sides) => Sides;
  /** Sides of the centre crop that follows; absent if there is none. */
  cropped?: Sides;
  /** Sides of the result. */
  result: Sides;
}

/** The short edge gets the length, the long one follows, rounded down: `int(length * long / short)`. */
function byShortestEdge(length: number): (image: Sides) => Sides {
  return ([height, width]) =>
    width <= height ? [Math.trunc((length * height) / width), length] : [length, Math.trunc((length * width) / height)];
}

/** @throws {KdError} UNSUPPORTED if the result's size would depend on the image */
export function targetSizes(config: ResolvedConfig): TargetSizes {
  const { do_resize: resizes, size, crop_size: cropSize, crop_pct: fraction } = config;
  const crop: Sides | undefined = config.do_center_crop && cropSize ? [cropSize.height, cropSize.width] : undefined;
  if (crop && !resizes) return { cropped: crop, result: crop };
  if (resizes && 'height' in size) {
    const exact: Sides = [size.height, size.width];
    return { resized: () => exact, result: crop ?? exact, ...(crop && { cropped: crop }) };
  }
  if (resizes && 'shortest_edge' in size && (crop || fraction !== undefined)) {
    const { shortest_edge: edge } = size;
    const square: Sides = [edge, edge];
    if (crop) return { resized: byShortestEdge(edge), cropped: crop, result: crop };
    if (edge >= WHOLE_FROM) return { resized: () => square, result: square };
    return { resized: byShortestEdge(Math.trunc(edge / fraction!)), cropped: square, result: square };
  }
  const why = resizes ? `size is ${JSON.stringify(size)} and nothing is cropped` : 'do_resize is false';
  throw new KdError(
    'UNSUPPORTED',
    `createProcessor: ${why}, so images would keep sizes of their own and make no batch; ` +
      'set do_resize and either size: { height, width } or do_center_crop',
    { do_resize: resizes, size },
  );
}
