import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type ImageDataset, KdError } from '@kd/core';
import { arrayDataset } from '../array-dataset.ts';
import { type IdxArray, parseIdx } from '../idx.ts';

export interface LoadIdxOptions {
  /** Path of an IDX file of images, [samples, height, width], gzipped or not. */
  images: string;
  /** Path of an IDX file of labels, [samples], gzipped or not. Left out for unlabelled images. */
  labels?: string;
  /** One name for each class. @default '0', '1', … up to the largest label */
  classNames?: readonly string[];
}

const unzip = promisify(gunzip);
const MAX_UNZIPPED_BYTES = 2 ** 31; // 40 times MNIST; keeps a file made to explode from taking all memory

async function readIdx(path: string, ranks: readonly number[], expected: string): Promise<IdxArray> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new KdError('NOT_FOUND', `loadIdx: cannot read ${path}: ${(cause as Error).message}`, { path }, { cause });
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = await unzip(bytes, { maxOutputLength: MAX_UNZIPPED_BYTES });
    } catch (cause) {
      const why = (cause as Error).message;
      const message = `loadIdx: ${path}: cannot gunzip ${bytes.length} bytes (${why}): truncated or damaged, fetch it again`;
      throw new KdError('INVALID_DATA', message, { path, length: bytes.length }, { cause });
    }
  }
  const array = parseIdx(bytes, { name: path });
  if (!ranks.includes(array.shape.length)) {
    throw new KdError(
      'INVALID_DATA',
      `loadIdx: ${path}: has shape [${array.shape}], expected ${expected}: are images and labels swapped?`,
      { path, shape: array.shape },
    );
  }
  return array;
}

/**
 * Loads images, and labels if there are any, from IDX files. A gzipped file is known by its first bytes, not its name.
 *
 * @throws {KdError} NOT_FOUND if a file cannot be read
 * @throws {KdError} INVALID_DATA if a file is damaged, or a label is out of range
 * @throws {KdError} SHAPE_MISMATCH if there are not as many labels as images
 *
 * @example
 * import { writeFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { loadIdx } from '@kd/data/node';
 * const path = join(tmpdir(), 'two-images');
 * await writeFile(path, Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 255));
 * const dataset = await loadIdx({ images: path });
 * console.log(dataset.length, dataset.imageShape); // 2 [ 1, 1, 1 ]
 */
export async function loadIdx({ images, labels, classNames }: LoadIdxOptions): Promise<ImageDataset> {
  const pixels = await readIdx(images, [3, 4], '[samples, height, width]');
  const classes = labels === undefined ? undefined : await readIdx(labels, [1], '[samples]');
  return arrayDataset({
    images: pixels,
    name: images,
    ...(classes && { labels: classes.data }),
    ...(classNames && { classNames }),
  });
}
