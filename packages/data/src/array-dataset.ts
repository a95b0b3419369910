import { fingerprint, type ImageDataset, KdError } from '@kd/core';
import { checkInteger, checkPixelType } from './checks.ts';
import { withShortcut } from './locate.ts';
import { once } from './once.ts';

export interface ArrayDatasetOptions {
  /**
   * uint8 pixels, [samples, height, width] or [samples, height, width, channels]: what `parseIdx` returns fits.
   * Kept, not copied: do not write to it afterwards.
   */
  images: { data: Uint8Array; shape: readonly number[] };
  /** Class of each image, in [0, classes). Left out for unlabelled images. */
  labels?: ArrayLike<number>;
  /** One name for each class. @default '0', '1', … up to the largest label */
  classNames?: readonly string[];
  /** What to call the data in messages. @default 'images' */
  name?: string;
}

/** [samples, height, width, channels], checked against the number of pixels. */
function imageShapeOf(name: string, data: Uint8Array, shape: readonly number[]): [number, number, number, number] {
  const [samples = 0, height = 0, width = 0, channels = 1] = shape;
  const size = samples * height * width * channels;
  if (shape.length < 3 || shape.length > 4 || !shape.every((n) => Number.isInteger(n) && n > 0)) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `arrayDataset: ${name}: shape [${shape}] is not [samples, height, width] or [samples, height, width, channels]`,
      { name, shape },
    );
  }
  if (size !== data.length) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `arrayDataset: ${name}: shape [${shape}] holds ${size} pixels, got ${data.length}`,
      { name, shape, length: data.length },
    );
  }
  return [samples, height, width, channels];
}

function checkLabels(name: string, labels: ArrayLike<number>, samples: number, classes: number): void {
  if (labels.length !== samples) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `arrayDataset: ${name}: ${samples} images and ${labels.length} labels do not belong together`,
      { name, samples, labels: labels.length },
    );
  }
  for (let index = 0; index < samples; index++) {
    const label = labels[index]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new KdError(
        'INVALID_DATA',
        `arrayDataset: ${name}: label ${label} at index ${index} is not in [0, ${classes}); ` +
          'check the labels, or pass one class name for each class',
        { name, label, index, classes },
      );
    }
  }
}

const largest = (labels: ArrayLike<number>): number => {
  let max = -1;
  for (let i = 0; i < labels.length; i++) max = Math.max(max, labels[i]!);
  return max;
};

/**
 * A dataset over images that lie in memory, one after the other.
 *
 * The id of a sample is its index. `get` copies the pixels, so what it returns is the caller's to change. The
 * fingerprint covers pixels, labels and class names, and is taken once.
 *
 * @throws {KdError} SHAPE_MISMATCH if shape, pixels and labels do not fit together
 * @throws {KdError} INVALID_DATA if a label is out of range, or the pixels are of another type
 *
 * @example
 * import { arrayDataset } from '@kd/data';
 * const dataset = arrayDataset({
 *   images: { data: Uint8Array.of(0, 255, 128, 64), shape: [2, 1, 2] },
 *   labels: [1, 0],
 *   classNames: ['dark', 'light'],
 * });
 * console.log(dataset.length, dataset.imageShape, dataset.get(1).label); // 2 [ 1, 2, 1 ] 0
 */
export function arrayDataset({ images, labels, classNames, name = 'images' }: ArrayDatasetOptions): ImageDataset {
  checkPixelType(`arrayDataset: ${name}`, images.data, [Uint8Array]);
  // A plain Uint8Array over the same memory: a Buffer's `slice` would not copy.
  const data = new Uint8Array(images.data.buffer, images.data.byteOffset, images.data.length);
  const [samples, ...imageShape] = imageShapeOf(name, data, images.shape);
  const names = classNames ? [...classNames] : Array.from({ length: largest(labels ?? []) + 1 }, (_, i) => `${i}`);
  if (labels) checkLabels(name, labels, samples, names.length);
  const classes = labels && Int32Array.from(labels);
  const size = data.length / samples;

  const dataset: ImageDataset = {
    length: samples,
    imageShape,
    classNames: names,
    fingerprint: once(() =>
      fingerprint([
        { name: 'images', shape: [samples, ...imageShape], data },
        { name: 'labels', shape: [classes?.length ?? 0], data: classes ?? new Int32Array() },
        { name: 'classNames', shape: [names.length], data: new TextEncoder().encode(JSON.stringify(names)) },
      ]),
    ),
    get: (index) => {
      checkInteger('dataset.get', 'index', index, 0, samples);
      const image = { data: data.slice(index * size, (index + 1) * size), shape: imageShape };
      return { id: index, image, ...(classes && { label: classes[index]! }) };
    },
  };
  return withShortcut(dataset, (index) => ({ id: index, label: classes?.[index], data, start: index * size }));
}
