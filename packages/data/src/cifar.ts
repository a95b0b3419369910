import { KdError } from '@kd/core';

export interface ParseCifarOptions {
  /** Which labels stand before each image: one byte in CIFAR-10, two (coarse, fine) in CIFAR-100. @default 'cifar10' */
  layout?: 'cifar10' | 'cifar100';
  /** Which of CIFAR-100's two. @default 'fine' */
  labels?: 'fine' | 'coarse';
  /** What to call the bytes in messages, such as the file's path. @default 'bytes' */
  name?: string;
}

/** Images and labels as `arrayDataset` takes them. */
export interface CifarArrays {
  images: { data: Uint8Array; shape: readonly [number, 32, 32, 3] };
  labels: Uint8Array;
}

const AREA = 32 * 32;

/** The classes of CIFAR-10, in the order of their labels. */
export const CIFAR10_CLASSES: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

/**
 * Reads a binary file of CIFAR-10 or CIFAR-100: for each image one label byte (two in CIFAR-100, coarse and fine), then
 * 32x32 red, green and blue pixels, one plane after the other.
 *
 * @returns uint8 [images, 32, 32, 3], channels last, and labels in [0, 10), [0, 100) or, coarse, [0, 20)
 * @throws {KdError} INVALID_DATA if the bytes are not a whole number of records, or a label is out of range
 *
 * Reference: Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images", and the files' description at
 * https://www.cs.toronto.edu/~kriz/cifar.html.
 *
 * @example
 * import { parseCifar } from '@kd/data';
 * const record = Uint8Array.of(3, ...new Uint8Array(1024).fill(255), ...new Uint8Array(2048)); // a red cat
 * const { images, labels } = parseCifar(record);
 * console.log(labels[0], images.data.slice(0, 3).join(' ')); // 3 255 0 0
 */
export function parseCifar(
  bytes: Uint8Array,
  { layout = 'cifar10', labels: kind = 'fine', name = 'bytes' }: ParseCifarOptions = {},
): CifarArrays {
  const labelBytes = layout === 'cifar10' ? 1 : 2;
  const record = labelBytes + 3 * AREA;
  const count = bytes.length / record;
  if (!Number.isInteger(count) || count === 0) {
    throw new KdError(
      'INVALID_DATA',
      `parseCifar: ${name}: ${bytes.length} bytes are not whole records of ${record}, as ${layout} has them: ` +
        'is the file cut, or of the other layout?',
      { name, length: bytes.length, record },
    );
  }
  const classes = layout === 'cifar10' ? 10 : kind === 'fine' ? 100 : 20;
  const labels = new Uint8Array(count);
  const data = new Uint8Array(count * 3 * AREA);
  for (let image = 0; image < count; image++) {
    const start = image * record;
    const label = bytes[start + (layout === 'cifar100' && kind === 'fine' ? 1 : 0)]!;
    if (label >= classes) {
      throw new KdError(
        'INVALID_DATA',
        `parseCifar: ${name}: label ${label} of image ${image} is not in [0, ${classes}): is it of the other layout?`,
        { name, label, image, classes },
      );
    }
    labels[image] = label;
    for (let channel = 0; channel < 3; channel++) {
      const plane = start + labelBytes + channel * AREA;
      let to = image * 3 * AREA + channel;
      for (let pixel = 0; pixel < AREA; pixel++, to += 3) data[to] = bytes[plane + pixel]!;
    }
  }
  return { images: { data, shape: [count, 32, 32, 3] }, labels };
}
