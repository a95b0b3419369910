import type { EncodedDataset, ImageDataset } from '@kd/core';
import { type Augmentation, applyAugmentation } from '../augment/augmentation.ts';
import { checkInteger, checkSeed } from '../checks.ts';
import type { ImageProcessor } from '../processors/image-processor.ts';
import { chooseSamples, lookAt } from './sheets/chosen-samples.ts';
import { drawSheet, type Tile } from './sheets/draw-sheet.ts';

export interface AugmentationSheetOptions {
  /** Which samples, by their index. @default `count` of them, as many of each class */
  indices?: readonly number[];
  /** @default 6 */
  count?: number;
  /** Epochs side by side, from 0. @default 7 */
  epochs?: number;
  /** Side of the square that each picture is fitted into, in pixels. @default 128 */
  tileSize?: number;
  /** Above them all. */
  title?: string;
  /** Resizes encoded images before they are augmented, as the loader does. */
  processor?: ImageProcessor;
  /** Of the loader whose views are shown: integer in [0, 2^53). @default 0 */
  seed?: number;
}

/**
 * A PNG that shows what an augmentation makes of some images: one in a row, first as it is, then as the loader with this
 * seed shows it in epochs 0, 1, 2, ….
 *
 * @returns the bytes of the PNG file
 * @throws {KdError} INVALID_ARGUMENT for an index, count or size out of range; what the augmentation throws
 *
 * @example
 * import { writeFile } from 'node:fs/promises';
 * import { arrayDataset, augmentation } from '@kd/data';
 * import { augmentationSheet } from '@kd/data/node';
 * const images = { data: Uint8Array.from({ length: 2 * 192 }, (_, i) => i % 256), shape: [2, 8, 8, 3] };
 * const augment = augmentation([{ type: 'horizontalFlip' }, { type: 'colorJitter', hue: 0.2 }]);
 * await writeFile('views.png', await augmentationSheet(arrayDataset({ images }), augment, { seed: 42 }));
 */
export async function augmentationSheet(
  dataset: ImageDataset | EncodedDataset,
  augment: Augmentation,
  options: AugmentationSheetOptions = {},
): Promise<Uint8Array> {
  const { indices, count = 6, epochs = 7, tileSize = 128, title, processor, seed = 0 } = options;
  checkInteger('augmentationSheet', 'epochs', epochs, 1, 100);
  checkInteger('augmentationSheet', 'tileSize', tileSize, 16, 2048);
  checkSeed('augmentationSheet', seed);
  const chosen = chooseSamples('augmentationSheet', dataset, { indices, count, seed });
  const rows = await Promise.all(
    chosen.map(async (index): Promise<Tile[]> => {
      const { id, className, image, error } = await lookAt(dataset, index);
      const first = { image, captions: [className || `${id}`, error ? 'cannot be read' : `${id}`] };
      if (!image) return [first, ...Array.from({ length: epochs }, () => ({ captions: [] }))];
      const whole = processor && !augment.takesAnySize ? processor.resize(image) : image;
      const views = Array.from({ length: epochs }, (_, epoch) => ({
        image: applyAugmentation(augment, whole, { seed, epoch, id }),
        captions: [`epoch ${epoch}`, `view ${augment.view({ seed, epoch, id })}`],
      }));
      return [first, ...views];
    }),
  );
  return drawSheet('augmentationSheet', rows.flat(), { columns: epochs + 1, tileSize, title });
}
