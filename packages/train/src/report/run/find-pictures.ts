import type { DataLoader, PixelNormalization } from '@kd/core';
import type { ReportPicture } from './run-report.ts';
import { thumbnail } from './thumbnail.ts';

/**
 * The images of some rows of a loader's predictions. Only the batches that they are in are read; one whose id is not where
 * it should be (the loader leaves out what it cannot read) is left out.
 *
 * @param ids of all rows, in the loader's order
 */
export async function findPictures(
  loader: DataLoader,
  ids: readonly (number | string)[],
  rows: readonly number[],
  normalization?: PixelNormalization,
): Promise<ReportPicture[]> {
  const byBatch = new Map<number, number[]>();
  for (const row of new Set(rows)) {
    const batch = Math.floor(row / loader.batchSize);
    byBatch.set(batch, [...(byBatch.get(batch) ?? []), row]);
  }
  const pictures: ReportPicture[] = [];
  for (const [index, wanted] of byBatch) {
    for await (const batch of loader.epoch(0, index)) {
      for (const row of wanted) {
        const place = row - index * loader.batchSize;
        if (batch.ids[place] === ids[row]) pictures.push({ row, pixels: thumbnail(batch, place, normalization) });
      }
      break;
    }
  }
  return pictures;
}
