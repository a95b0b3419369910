import type { Coefficients } from './coefficients.ts';
import { horizontalPass, verticalPass } from './passes.ts';
import { resampleInWasm } from './resample-in-wasm.ts';

/** Both passes over an image, in one order or the other; one of them may be left out. */
export interface Resampling {
  source: Uint8Array;
  /** Height, width, channels. */
  shape: readonly [number, number, number];
  horizontal: Coefficients | undefined;
  vertical: Coefficients | undefined;
  verticalFirst: boolean;
}

/** What WebAssembly does, portable: the reference for it, and for other than RGB images. */
export function resampleInJs({ source, shape, horizontal, vertical, verticalFirst }: Resampling): Uint8Array {
  const [height, width, channels] = shape;
  if (verticalFirst && vertical) {
    const rows = verticalPass(source, width * channels, vertical);
    return horizontal ? horizontalPass(rows, vertical.starts.length, width, channels, horizontal) : rows;
  }
  const rows = horizontal ? horizontalPass(source, height, width, channels, horizontal) : source;
  return vertical ? verticalPass(rows, (horizontal?.starts.length ?? width) * channels, vertical) : rows;
}

/** Pillow 13's rule. Pixels are rounded between the passes, so the order shows in them. */
export function isVerticalFirst(from: readonly number[], [toHeight, toWidth]: readonly [number, number]): boolean {
  const [height = 0, width = 0] = from;
  return toHeight < height && height - toHeight > (width - toWidth) * 2;
}

/** The same pixels with WebAssembly and without. */
export function resample(resampling: Resampling): Uint8Array {
  return resampleInWasm(resampling) ?? resampleInJs(resampling);
}
