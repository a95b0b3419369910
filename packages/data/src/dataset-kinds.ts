import type { EncodedDataset, ImageDataset } from '@kd/core';
import { locator } from './locate.ts';

/** Either kind of dataset: pixels of one size, or encoded images. */
export type AnyDataset = ImageDataset | EncodedDataset;

/** What a tool makes of a dataset: another one of its kind. */
export type SameKind<Dataset extends AnyDataset> = Dataset extends ImageDataset ? ImageDataset : EncodedDataset;

export function isEncoded(dataset: AnyDataset): dataset is EncodedDataset {
  return 'read' in dataset;
}

/** The cheapest way to id and label of a sample: no image is read or copied for it where that can be helped. */
export function infoReader(
  dataset: AnyDataset,
): (index: number) => { id: number | string; label?: number | undefined } {
  return isEncoded(dataset) ? (index) => dataset.info(index) : locator(dataset);
}
