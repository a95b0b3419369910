import { type Batch, type ImageDataset, KdError } from '@kd/core';
import { drawView, shiftOf } from './jitter.ts';
import { type LocatedSample, locator } from './locate.ts';
import { type Normalization, pixelNormalizer } from './normalization.ts';

export interface CollateOptions {
  seed: number;
  jitter: number;
  normalize: Normalization | undefined;
}

function packIds(ids: readonly (number | string)[], indices: Uint32Array): Uint32Array | string[] {
  if (!ids.every((id) => typeof id === 'number')) return ids.map(String);
  ids.forEach((id, i) => {
    if (id >>> 0 === id) return;
    throw new KdError(
      'INVALID_DATA',
      `dataLoader: id ${id} of sample ${indices[i]} is not an integer in [0, 2^32); use strings for other names`,
      { id, index: indices[i] },
    );
  });
  return Uint32Array.from(ids);
}

function packLabels(
  labels: readonly (number | undefined)[],
  indices: Uint32Array,
  classes: number,
): Int32Array | undefined {
  if (labels.every((label) => label === undefined)) return undefined;
  return Int32Array.from(labels, (label, i) => {
    if (label !== undefined && Number.isInteger(label) && label >= 0 && label < classes) return label;
    throw new KdError(
      'INVALID_DATA',
      `dataLoader: label ${label} of sample ${indices[i]} is not in [0, ${classes}); label all samples or none`,
      { label, index: indices[i], classes },
    );
  });
}

/** Makes the function that puts samples into a batch. Every batch has arrays of its own. */
export function collator(
  dataset: ImageDataset,
  { seed, jitter, normalize }: CollateOptions,
): (indices: Uint32Array, epoch: number) => Batch {
  const locate = locator(dataset);
  const [height, width, channels] = dataset.imageShape;
  const size = height * width * channels;
  const write = pixelNormalizer('dataLoader', normalize);
  const background = new Uint8Array(size);

  /** Pixel [y, x] of the sample goes to [y + dy, x + dx]; where none goes there is background. */
  const writeShifted = ({ data, start }: LocatedSample, target: Float32Array, offset: number, view: number): void => {
    const [dx, dy] = shiftOf(view, jitter);
    write(background, 0, target, offset, size);
    const count = (width - Math.abs(dx)) * channels;
    const firstFrom = start + Math.max(0, -dx) * channels;
    const firstTo = offset + Math.max(0, dx) * channels;
    for (let y = Math.max(0, dy); y < Math.min(height, height + dy); y++) {
      write(data, firstFrom + (y - dy) * width * channels, target, firstTo + y * width * channels, count);
    }
  };

  return (indices, epoch) => {
    const ids: (number | string)[] = [];
    const labels: (number | undefined)[] = [];
    const pixels = new Float32Array(indices.length * size);
    const views = jitter > 0 ? new Uint32Array(indices.length) : undefined;
    for (let i = 0; i < indices.length; i++) {
      const sample = locate(indices[i]!);
      ids.push(sample.id);
      labels.push(sample.label);
      if (views) {
        views[i] = drawView(seed, epoch, sample.id, jitter);
        writeShifted(sample, pixels, i * size, views[i]!);
      } else {
        write(sample.data, sample.start, pixels, i * size, size);
      }
    }
    const packedLabels = packLabels(labels, indices, dataset.classNames.length);
    return {
      ids: packIds(ids, indices),
      images: { data: pixels, shape: [indices.length, height, width, channels] },
      ...(packedLabels && { labels: packedLabels }),
      ...(views && { views }),
    };
  };
}
