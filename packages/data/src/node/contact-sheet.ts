import type { EncodedDataset, ImageDataset } from '@kd/core';
import { checkInteger, checkSeed } from '../checks.ts';
import type { ImageProcessor } from '../processors/image-processor.ts';
import { chooseSamples, lookAt } from './sheets/chosen-samples.ts';
import { drawSheet } from './sheets/draw-sheet.ts';

export interface ContactSheetOptions {
  /** Which samples, by their index. @default `count` of them, as many of each class */
  indices?: readonly number[];
  /** @default 32 */
  count?: number;
  /** Pictures side by side. @default 8 */
  columns?: number;
  /** Side of the square that each is fitted into, in pixels. @default 128 */
  tileSize?: number;
  /** Above them all. */
  title?: string;
  /** Shows encoded images as the network gets them: resized and cropped. */
  processor?: ImageProcessor;
  /** Of the choice: integer in [0, 2^53). @default 0 */
  seed?: number;
}

/**
 * A PNG of some of a dataset's images, each with its class and id: to be looked at before anything is trained on them.
 * Images that cannot be read are grey, and say so.
 *
 * @returns the bytes of the PNG file
 * @throws {KdError} INVALID_ARGUMENT for an index, count or size out of range
 *
 * @example
 * import { writeFile } from 'node:fs/promises';
 * import { arrayDataset } from '@kd/data';
 * import { contactSheet } from '@kd/data/node';
 * const images = { data: Uint8Array.from({ length: 12 * 64 }, (_, i) => i % 256), shape: [12, 8, 8] };
 * const dataset = arrayDataset({ images, labels: Array.from({ length: 12 }, (_, i) => i % 3) });
 * await writeFile('images.png', await contactSheet(dataset, { columns: 4, title: 'Stripes' }));
 */
export async function contactSheet(
  dataset: ImageDataset | EncodedDataset,
  options: ContactSheetOptions = {},
): Promise<Uint8Array> {
  const { indices, count = 32, columns = 8, tileSize = 128, title, processor, seed = 0 } = options;
  checkInteger('contactSheet', 'columns', columns, 1, 1000);
  checkInteger('contactSheet', 'tileSize', tileSize, 16, 2048);
  checkSeed('contactSheet', seed);
  const tiles = await Promise.all(
    chooseSamples('contactSheet', dataset, { indices, count, seed }).map(async (index) => {
      const { id, className, image, error } = await lookAt(dataset, index);
      const shown = image && processor ? processor.resize(image) : image;
      return { image: shown, captions: [className || `${id}`, error ? 'cannot be read' : className ? `${id}` : ''] };
    }),
  );
  return drawSheet('contactSheet', tiles, { columns, tileSize, title });
}
