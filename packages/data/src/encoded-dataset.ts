import { type EncodedDataset, fingerprint, KdError } from '@kd/core';
import { checkInteger } from './checks.ts';
import { once } from './once.ts';
import { textPart } from './view.ts';

export interface EncodedDatasetOptions {
  /** One name for each sample, each once. */
  ids: readonly string[];
  /** Class of each sample, in [0, classes), or -1 for a sample without one. Left out for unlabelled images. */
  labels?: ArrayLike<number>;
  /** One name for each class. @default '0', '1', … up to the largest label */
  classNames?: readonly string[];
  /** The bytes of one image; the array is the caller's to keep. */
  read: (index: number) => Promise<Uint8Array>;
  /** What to call the data in messages. @default 'images' */
  name?: string;
}

function checkIds(name: string, ids: readonly string[]): void {
  if (ids.length === 0) throw new KdError('INVALID_DATA', `encodedDataset: ${name}: holds no images`, { name });
  const seen = new Map<string, number>();
  ids.forEach((id, index) => {
    const before = seen.get(id);
    if (before !== undefined) {
      throw new KdError(
        'INVALID_DATA',
        `encodedDataset: ${name}: id '${id}' stands twice, at rows ${before} and ${index}; each sample needs its own`,
        { name, id, rows: [before, index] },
      );
    }
    seen.set(id, index);
  });
}

function checkedLabels(name: string, labels: ArrayLike<number>, ids: readonly string[], classes: number): Int32Array {
  if (labels.length !== ids.length) {
    throw new KdError('SHAPE_MISMATCH', `encodedDataset: ${name}: ${ids.length} images and ${labels.length} labels`, {
      name,
      images: ids.length,
      labels: labels.length,
    });
  }
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (!Number.isInteger(label) || label < -1 || label >= classes) {
      throw new KdError(
        'INVALID_DATA',
        `encodedDataset: ${name}: label ${label} of '${ids[row]}' (row ${row}) is not in [0, ${classes}); ` +
          'check the labels, or pass one class name for each class',
        { name, label, row, classes },
      );
    }
  }
  return Int32Array.from(labels);
}

const MAX_CLASSES = 1 << 20; // 48 times ImageNet-22k: more is an id or a time stamp, not a class

/** '0', '1', … up to the largest label. */
function numberedClasses(name: string, labels: ArrayLike<number>): string[] {
  let largest = -1;
  for (let row = 0; row < labels.length; row++) largest = Math.max(largest, labels[row]!);
  if (largest < MAX_CLASSES) return Array.from({ length: Math.floor(largest) + 1 }, (_, i) => `${i}`);
  throw new KdError(
    'INVALID_DATA',
    `encodedDataset: ${name}: ${largest} is no label: is this the column of the classes?`,
    {
      name,
      label: largest,
    },
  );
}

/** Whether it says nothing about what is there: the next try may go well. */
function mayPass(error: unknown): boolean {
  if (KdError.isInstance(error)) return error.code === 'UNAVAILABLE' || error.code === 'ABORTED';
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

/**
 * SHA-256 of ids, labels, class names and the bytes of every image: equal for equal content, whatever it is kept in.
 * Reads everything once, a few images at a time. An image that cannot be read counts as missing, so that the others can be
 * used without it. Where none can be read, a source is out of reach or reading was broken off, that is an error.
 */
async function contentFingerprint(
  dataset: EncodedDataset,
  ids: readonly string[],
  labels: Int32Array,
): Promise<string> {
  const digests = new Uint8Array(32 * dataset.length); // 0 for what is missing
  const missing: unknown[] = [];
  let next = 0;
  const digest = async (index: number): Promise<void> => {
    const bytes = await dataset.read(index);
    digests.set(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)), 32 * index);
  };
  const worker = async (): Promise<void> => {
    for (let index = next++; index < dataset.length; index = next++) {
      await digest(index).catch((error: unknown) => {
        if (mayPass(error)) throw error;
        missing.push(error);
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  if (missing.length === dataset.length) throw missing[0];
  return fingerprint([
    { name: 'images', shape: [dataset.length], data: digests },
    textPart('ids', JSON.stringify(ids)),
    { name: 'labels', shape: [dataset.length], data: labels },
    textPart('classNames', JSON.stringify(dataset.classNames)),
  ]);
}

/**
 * A dataset over images as they are stored: what is in files, in an archive or behind URLs becomes one by a function
 * that gives the bytes of image `index`.
 *
 * Its fingerprint covers ids, labels, class names and the bytes of every image, so it reads them all, once; the same
 * samples in a folder and in a Parquet file have equal fingerprints if their ids are equal. Images that cannot be read
 * count as missing.
 *
 * @throws {KdError} INVALID_DATA if there are no images, an id stands twice, or a label is out of range; from `read` if
 *   an image has no bytes
 * @throws {KdError} SHAPE_MISMATCH if there are not as many labels as images
 *
 * @example
 * import { encodedDataset } from '@kd/data';
 * const files = [Uint8Array.of(0xff, 0xd8, 0xff), Uint8Array.of(0x89, 0x50, 0x4e, 0x47)];
 * const dataset = encodedDataset({
 *   ids: ['leaf.jpg', 'bean.png'],
 *   labels: [1, 0],
 *   classNames: ['bean', 'leaf'],
 *   read: async (index) => files[index]!,
 * });
 * console.log(dataset.info(0), (await dataset.read(1)).length); // { id: 'leaf.jpg', label: 1 } 4
 */
export function encodedDataset(options: EncodedDatasetOptions): EncodedDataset {
  const { ids, labels: given, read, name = 'images' } = options;
  checkIds(name, ids);
  const classNames = options.classNames ? [...options.classNames] : numberedClasses(name, given ?? []);
  const labels = given ? checkedLabels(name, given, ids, classNames.length) : new Int32Array(ids.length).fill(-1);

  const dataset: EncodedDataset = {
    length: ids.length,
    classNames,
    fingerprint: once(() => contentFingerprint(dataset, ids, labels)),
    info: (index) => {
      checkInteger('dataset.info', 'index', index, 0, ids.length);
      const label = labels[index]!;
      return { id: ids[index]!, ...(label >= 0 && { label }) };
    },
    read: async (index) => {
      checkInteger('dataset.read', 'index', index, 0, ids.length);
      const bytes = await read(index);
      if (bytes.length > 0) return bytes;
      throw new KdError(
        'INVALID_DATA',
        `dataset.read(${index}): '${ids[index]}' of ${name} has no bytes: fetch it again`,
        {
          index,
          id: ids[index],
          name,
        },
      );
    },
  };
  return dataset;
}
