import { type ImageArray, KdError, type PixelNormalization } from '@kd/core';
import { MAX_PIXELS } from '../decode/max-pixels.ts';
import { rebuildable } from '../rebuildable.ts';
import { checkImage, resizeImage } from '../resample/resize-image.ts';
import { centerCrop } from './center-crop.ts';
import type { ImageProcessor } from './image-processor.ts';
import { pixelsToNumbers } from './pixels-to-numbers.ts';
import { type ResolvedConfig, resolveConfig } from './resolve-config.ts';
import { FILTERS, type ProcessorConfig, type Sides } from './settings.ts';
import { targetSizes } from './target-sizes.ts';

/** Deeply frozen, keys sorted: equal settings give equal JSON. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(canonical));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.freeze(Object.fromEntries(entries.map(([key, item]) => [key, canonical(item)])));
}

/** Of pixels in [0, 1], whatever the configuration rescales by, or whether it does. */
function normalizationOf(config: ResolvedConfig): PixelNormalization {
  const scale = config.do_rescale ? 255 * config.rescale_factor : 255; // from [0, 1] to the range that mean and std are of
  const [mean, std] = config.do_normalize
    ? [config.image_mean, config.image_std]
    : [config.image_mean.map(() => 0), config.image_std.map(() => 1)];
  return { mean: mean.map((value) => value / scale), std: std.map((value) => value / scale) };
}

/**
 * Makes the image processor that a `preprocessor_config.json` describes: resize, centre crop, rescale, normalise.
 *
 * It does what the Python classes of transformers do with Pillow, to the same uint8 pixels after resize and crop and the
 * same float32 numbers: `((pixel * rescale_factor) - image_mean) / image_std`, in float32 after each operation. Known are
 * `ViTImageProcessor`, `DeiTImageProcessor`, `ConvNextImageProcessor` (of ResNet too), `MobileNetV1ImageProcessor`,
 * `MobileNetV2ImageProcessor`, `BitImageProcessor` and `CLIPImageProcessor`, their `FeatureExtractor` forerunners, and
 * their `Fast` variants, which in Python differ from these by at most 1 of 255. What a configuration leaves out is what
 * the class takes: `size`, `resample` (a number of Pillow's: 0 nearest, 1 lanczos, 2 bilinear, 3 bicubic, 4 box,
 * 5 hamming), `crop_size`, `crop_pct`, `image_mean`, `image_std`, `rescale_factor` 1/255. Settings that would change
 * pixels but are not known are refused, others ignored.
 *
 * For a student of another resolution, spread the teacher's settings: `createProcessor({ ...config, size: 96 })`.
 *
 * @param config the parsed JSON, or settings of your own
 * @throws {KdError} INVALID_ARGUMENT if a setting has no possible value, or the class is not named
 * @throws {KdError} UNSUPPORTED for other classes, steps that are not known, and settings that leave images of many sizes
 *
 * Reference: transformers 4.57, `image_processing_*.py` and `image_transforms.py`, with Pillow 13.0.
 *
 * @example
 * import { createProcessor } from '@kd/data';
 * const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: 2 });
 * console.log(processor.imageShape, processor.normalization.mean); // [ 2, 2, 3 ] [ 0.5, 0.5, 0.5 ]
 * const gray = { data: new Uint8Array(4 * 4 * 3).fill(51), shape: [4, 4, 3] };
 * console.log(processor.resize(gray).data.length, processor.process(gray).data[0]!.toFixed(4)); // 12 -0.6000
 */
export function createProcessor(config: ProcessorConfig): ImageProcessor {
  const resolved = resolveConfig(config);
  const { resized, cropped, result } = targetSizes(resolved);
  const filter = FILTERS[resolved.resample]!;
  const channels = resolved.image_mean.length;
  const normalize = pixelsToNumbers(resolved);

  const resize = (image: ImageArray): ImageArray => {
    const [, [height, width, given]] = checkImage('processor.resize', image);
    if (given !== channels) {
      throw new KdError(
        'SHAPE_MISMATCH',
        `processor.resize: the image has shape [${image.shape}], but image_mean has ${channels} channels; ` +
          'decode it as RGB, or set image_mean and image_std',
        { shape: image.shape, channels },
      );
    }
    const [toHeight, toWidth]: Sides = resized?.([height, width]) ?? [height, width];
    if (toHeight * toWidth > MAX_PIXELS) {
      throw new KdError(
        'INVALID_DATA',
        `processor.resize: an image of ${height} x ${width} pixels would become one of ${toHeight} x ${toWidth}; ` +
          'leave such narrow images out',
        { height, width },
      );
    }
    const whole = resizeImage(image, { height: toHeight, width: toWidth, filter });
    return cropped ? centerCrop(whole, cropped) : whole;
  };

  const processor: ImageProcessor = {
    config: canonical(resolved) as ProcessorConfig,
    imageShape: Object.freeze([result[0], result[1], channels] as const),
    normalization: canonical(normalizationOf(resolved)) as PixelNormalization,
    resize,
    process: (image: ImageArray) => {
      const { data: pixels, shape } = resize(image);
      return { data: normalize(pixels as Uint8Array), shape };
    },
  };
  return rebuildable(processor);
}
