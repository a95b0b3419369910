import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImageDataset, KdError } from '@kd/core';
import { arrayDataset } from '../array-dataset.ts';
import { CIFAR10_CLASSES, type CifarArrays, parseCifar } from '../cifar.ts';

export interface LoadCifarOptions {
  /** Folder with the binary version's files, or with the folder that its archive unpacks to. */
  source: string;
  /** Which of CIFAR-100's two labels: 100 fine classes or 20 coarse ones. @default 'fine' */
  labels?: 'fine' | 'coarse';
}

type Layout = 'cifar10' | 'cifar100';

const LAYOUTS: Readonly<Record<Layout, { folder: string; train: readonly string[]; test: readonly string[] }>> = {
  cifar10: {
    folder: 'cifar-10-batches-bin',
    train: [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`),
    test: ['test_batch.bin'],
  },
  cifar100: { folder: 'cifar-100-binary', train: ['train.bin'], test: ['test.bin'] },
};

/** The folder itself, or the archive's folder in it. */
async function folderOf(caller: string, source: string, layout: Layout): Promise<string> {
  const { folder, train } = LAYOUTS[layout];
  const tried = [source, join(source, folder)];
  for (const each of tried) {
    const names = await readdir(each).catch((): string[] => []);
    if (names.includes(train[0]!)) return each;
  }
  throw new KdError(
    'NOT_FOUND',
    `${caller}: no ${train[0]} in ${tried.join(' or ')}; unpack the binary version of the archive there`,
    { tried },
  );
}

/** One name a line. */
async function namesIn(path: string): Promise<readonly string[] | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const names = text?.split('\n').map((line) => line.trim());
  return names?.filter((name) => name !== '');
}

/**
 * Loads CIFAR-10 or CIFAR-100 from the files of their binary version: 50,000 images to train on and 10,000 to test,
 * 32x32x3, in memory (184 MB). From the Hub they come as Parquet: `loadDataset('uoft-cs/cifar10')`.
 *
 * @throws {KdError} NOT_FOUND if a file is missing
 * @throws {KdError} INVALID_DATA if a file is cut, or a label is out of range
 *
 * @example
 * import { writeFileAtomic } from '@kd/core/node';
 * import { loadCifar } from '@kd/data/node';
 * const cat = new Uint8Array(3073).fill(3); // the label 3 and dark pixels
 * for (const n of [1, 2, 3, 4, 5]) await writeFileAtomic(`cifar/data_batch_${n}.bin`, cat);
 * await writeFileAtomic('cifar/test_batch.bin', cat);
 * const { train, test } = await loadCifar('cifar10', { source: 'cifar' }); // 50000 and 10000 with the real files
 * console.log(train.length, test.length, train.classNames[train.get(0).label!]); // 5 1 cat
 */
export async function loadCifar(
  layout: Layout,
  { source, labels = 'fine' }: LoadCifarOptions,
): Promise<{ train: ImageDataset; test: ImageDataset }> {
  const folder = await folderOf('loadCifar', source, layout);
  const read = async (file: string): Promise<CifarArrays> => {
    const path = join(folder, file);
    const bytes = await readFile(path).catch((cause: Error) => {
      throw new KdError('NOT_FOUND', `loadCifar: cannot read ${path}: ${cause.message}`, { path }, { cause });
    });
    return parseCifar(bytes, { layout, labels, name: path });
  };
  const named =
    layout === 'cifar10'
      ? ((await namesIn(join(folder, 'batches.meta.txt'))) ?? CIFAR10_CLASSES)
      : await namesIn(join(folder, `${labels}_label_names.txt`));
  const count = layout === 'cifar10' ? 10 : labels === 'fine' ? 100 : 20;
  const classNames = named ?? Array.from({ length: count }, (_, i) => `${i}`);
  if (classNames.length !== count) {
    const message = `loadCifar: ${folder} names ${classNames.length} classes, expected ${count}: unpack it again`;
    throw new KdError('INVALID_DATA', message, { classNames });
  }
  const load = async (files: readonly string[]): Promise<ImageDataset> => {
    const parts: CifarArrays[] = [];
    for (const file of files) parts.push(await read(file));
    const samples = parts.reduce((sum, part) => sum + part.labels.length, 0);
    const data = new Uint8Array(samples * 32 * 32 * 3);
    const all = new Uint8Array(samples);
    let at = 0;
    for (const part of parts) {
      data.set(part.images.data, at * 32 * 32 * 3);
      all.set(part.labels, at);
      at += part.labels.length;
    }
    return arrayDataset({ images: { data, shape: [samples, 32, 32, 3] }, labels: all, classNames, name: folder });
  };
  const { train, test } = LAYOUTS[layout];
  return { train: await load(train), test: await load(test) };
}
