import { type ImageArray, type ImageDataset, KdError } from '@kd/core';
import { checkPixelType } from './checks.ts';

/** One sample where it lies: its pixels are `data[start … start + height * width * channels - 1]`. Not to be written, nor kept: the next may lie in the same place. */
export interface LocatedSample {
  id: number | string;
  label: number | undefined;
  data: Float32Array | Uint8Array;
  start: number;
  /** Writes the pixels, uint8, where they are wanted: for what is not in memory, without a copy in between. */
  readInto?: (target: Uint8Array, at: number) => void;
  /** Of this image, where it need not be the dataset's. */
  shape?: readonly number[];
  /** The image before it was brought to this size, where a teacher wants it in another. */
  decoded?: ImageArray;
}

type Locate = (index: number) => LocatedSample;

// Beside the datasets and not in them: `{ ...dataset, get: mine }` must not carry along a way around `mine`.
const shortcuts = new WeakMap<ImageDataset, Locate>();

/** Lets our loops read the samples of a dataset without the copy that its `get` makes. The index comes checked. */
export function withShortcut(dataset: ImageDataset, locate: Locate): ImageDataset {
  shortcuts.set(dataset, locate);
  return dataset;
}

function getter(dataset: ImageDataset): Locate {
  const { imageShape } = dataset;
  const size = imageShape[0] * imageShape[1] * imageShape[2];
  return (index) => {
    const { id, image, label } = dataset.get(index);
    checkPixelType(`dataset.get(${index})`, image.data);
    if (image.data.length !== size || imageShape.some((n, axis) => n !== image.shape[axis])) {
      throw new KdError(
        'SHAPE_MISMATCH',
        `dataset.get(${index}): ${image.data.length} pixels of shape [${image.shape}] are not of imageShape [${imageShape}]`,
        { index, shape: image.shape, imageShape, length: image.data.length },
      );
    }
    return { id, label, data: image.data, start: 0 };
  };
}

/** The cheapest way to the samples of a dataset: its shortcut, else its `get`. */
export function locator(dataset: ImageDataset): Locate {
  return shortcuts.get(dataset) ?? getter(dataset);
}
