import {
  type DataLoader,
  type EncodedDataset,
  type ImageArray,
  type ImageDataset,
  KdError,
  type PixelNormalization,
} from '@kd/core';
import { optionalPackage } from '@kd/core/node';

// Types of @kd/data by their form: this package works without it, and so do its types.

/** How images are prepared: an `ImageProcessor` of `@kd/data`. */
export interface TrainProcessor {
  readonly config: Readonly<Record<string, unknown>>;
  readonly imageShape: readonly [number, number, number];
  readonly normalization: PixelNormalization;
  resize(image: ImageArray): ImageArray;
  process(image: ImageArray): ImageArray;
}

/** What `augmentation()` of `@kd/data` makes. */
export interface TrainAugmentation {
  readonly config: Readonly<Record<string, unknown>>;
  outputShape(shape: readonly [number, number, number]): readonly [number, number, number];
}

/** Images of a split: of `loadDataset`, or any other dataset of `@kd/data`. */
export type TrainDataset = ImageDataset | EncodedDataset;

/** Data in either form. A loader is taken as it is, with its batch size, order and preparation. */
export type TrainData = TrainDataset | DataLoader;

/** How the images of a dataset are prepared, where a dataset is given and not a loader. */
export interface DataOptions {
  /** For the model that is trained, or its config. @default the teacher's, else the model's own `preprocessor_config.json` */
  processor?: TrainProcessor | Readonly<Record<string, unknown>>;
  /** Mean and std of pixels in [0, 1], in place of the processor's. */
  normalize?: PixelNormalization | { readonly mean: number; readonly std: number };
  /** Changes training images anew in every epoch: `augmentation([…])` of `@kd/data`. */
  augment?: TrainAugmentation;
}

export const isLoader = (data: TrainData): data is DataLoader => 'batchSize' in data && 'epoch' in data;

/** Whether it is data at all: a whole data set with its splits is a likely mistake. */
export function checkData(caller: string, name: string, data: TrainData | undefined): void {
  if (data && (isLoader(data) || 'get' in data || 'read' in data)) return;
  const splits = Object.keys((data as { splits?: object } | undefined)?.splits ?? {});
  const hint =
    splits.length > 0 ? `it has the splits ${splits.join(', ')}: pass one of them` : 'pass a dataset or a loader';
  throw new KdError('INVALID_ARGUMENT', `${caller}: ${name} is no dataset and no data loader; ${hint}`, { name });
}

const isProcessor = (given: TrainProcessor | Readonly<Record<string, unknown>>): given is TrainProcessor =>
  typeof given.resize === 'function';

/** A processor, or one by its config. */
export async function processorOf(
  caller: string,
  given: TrainProcessor | Readonly<Record<string, unknown>>,
): Promise<TrainProcessor> {
  if (isProcessor(given)) return given;
  const how = { caller, use: 'preparing images', instead: 'pass loaders of your own' };
  const { createProcessor } = await optionalPackage('@kd/data', () => import('@kd/data'), how);
  return createProcessor(given);
}

export interface LoaderSettings {
  batchSize: number;
  workers: number;
  processor?: TrainProcessor | undefined;
  teacherProcessor?: TrainProcessor | undefined;
  normalize?: DataOptions['normalize'];
  shuffle?: boolean;
  seed?: number;
  dropLast?: boolean;
  augment?: TrainAugmentation | undefined;
  /** A BatchTransform of `@kd/data`. */
  batchTransform?: unknown;
}

/** A loader for a dataset, by `dataLoader` of `@kd/data/node`; a loader is given back. */
export async function loaderOf(caller: string, data: TrainData, settings: LoaderSettings): Promise<DataLoader> {
  if (isLoader(data)) return data;
  const how = { caller, use: 'loading a dataset', instead: 'pass loaders of your own' };
  const { dataLoader } = await optionalPackage('@kd/data', () => import('@kd/data/node'), how);
  const given = Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined && value !== null),
  );
  return dataLoader(data, given as unknown as Parameters<typeof dataLoader>[1]);
}
