import type { ImageArray, PixelNormalization } from '@kd/core';

/** What a model wants done to an image: made by `createProcessor`, or by `loadProcessor` of `@kd/data/node`. */
export interface ImageProcessor {
  /**
   * The resolved settings under Hugging Face's names: what a `preprocessor_config.json` holds, defaults filled in.
   * Keys are sorted, so processors that do the same have the same JSON.
   */
  readonly config: Readonly<Record<string, unknown>>;
  /** Height, width, channels of what it makes. */
  readonly imageShape: readonly [number, number, number];
  /** What is left to do to the uint8 pixels that `resize` gives: of pixels in [0, 1], one number a channel. */
  readonly normalization: PixelNormalization;
  /**
   * Resize and crop only: uint8 [height, width, channels] of any size to uint8 `imageShape`, the pixels that Pillow
   * gives. May return the image itself if there is nothing to do.
   */
  resize(image: ImageArray): ImageArray;
  /** Resize, crop, rescale, normalise: float32 `imageShape`, the numbers that the Python class gives, channels last. */
  process(image: ImageArray): ImageArray;
}
