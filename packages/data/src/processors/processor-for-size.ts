import { KdError } from '@kd/core';
import { createProcessor } from './create-processor.ts';
import type { ImageProcessor } from './image-processor.ts';
import type { ProcessorConfig } from './settings.ts';

interface Resolved {
  size: { height: number; width: number } | { shortest_edge: number };
  do_center_crop?: boolean;
  crop_size?: { height: number; width: number };
}

/**
 * The processor that another one would be for square images of another size: a student that sees less than its teacher sees
 * the same part of each image, by the same filter, mean and standard deviation.
 *
 * Where the teacher's resizes and then crops, both shrink alike.
 *
 * @param config content of the teacher's `preprocessor_config.json`
 * @param side height and width of the result in pixels, an integer >= 1
 * @throws {KdError} as `createProcessor`
 *
 * @example
 * import { processorForSize } from '@kd/data';
 * const deit = { image_processor_type: 'DeiTImageProcessor', size: 256, crop_size: 224 };
 * const { config, imageShape } = processorForSize(deit, 112);
 * console.log(config.size, config.crop_size, imageShape); // { height: 128, width: 128 } { height: 112, width: 112 } [ 112, 112, 3 ]
 */
export function processorForSize(config: ProcessorConfig, side: number): ImageProcessor {
  if (!Number.isInteger(side) || side < 1) {
    throw new KdError('INVALID_ARGUMENT', `processorForSize: side must be an integer >= 1, got ${side}`, { side });
  }
  const { size, do_center_crop: crops, crop_size: crop } = createProcessor(config).config as unknown as Resolved;
  const factor = crops && crop ? side / crop.height : undefined;
  const scaled = (length: number): number => (factor === undefined ? side : Math.round(length * factor));
  return createProcessor({
    ...config,
    size:
      'shortest_edge' in size
        ? { shortest_edge: scaled(size.shortest_edge) }
        : { height: scaled(size.height), width: scaled(size.width) },
    ...(factor === undefined ? {} : { crop_size: { height: side, width: side } }),
  });
}
