import { type DataLoader, KdError } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ResolvedArguments } from '../../arguments/training-arguments.ts';
import { type DataOptions, isLoader, type LoaderSettings, loaderOf, processorOf, type TrainProcessor } from './data.ts';
import { preprocessorOf, setPreprocessor } from './model-files.ts';
import type { TrainerOptions } from './options.ts';

/** Images of a processor must be what the model takes; TF.js would say so later, and in words of its own. */
function checkShape(
  caller: string,
  [what, way]: readonly [string, string],
  model: LayersModel,
  made: TrainProcessor,
): void {
  const { imageShape } = made;
  const wanted = model.inputs[0]!.shape.slice(1);
  if (wanted.length !== 3 || wanted.every((size, i) => size === null || size === imageShape[i])) return;
  throw new KdError(
    'MISMATCH',
    `${caller}: the processor makes images [${imageShape}], ${what} takes [${wanted.map((size) => size ?? 'any')}]; ${way}`,
    { imageShape, wanted },
  );
}

const OF_DATASETS = ['augment', 'dataCollator', 'teacherProcessor'] as const;

/** A loader has a batch size and a preparation of its own: what is said of them besides has to agree, or count for nothing. */
export function withLoaders(
  caller: string,
  options: TrainerOptions & { teacherProcessor?: unknown },
  args: ResolvedArguments,
): ResolvedArguments {
  const sizes: Partial<ResolvedArguments> = {};
  for (const [data, name] of [
    ['train', 'perDeviceTrainBatchSize'],
    ['validation', 'perDeviceEvalBatchSize'],
  ] as const) {
    const loader = options[data];
    if (!loader || !isLoader(loader)) continue;
    if (options[name] !== undefined && options[name] !== loader.batchSize) {
      throw new KdError(
        'INVALID_ARGUMENT',
        `${caller}: ${name} is ${options[name]}, but ${data} is a loader of batches of ${loader.batchSize}; leave ${name} out, or pass the dataset`,
        { [name]: options[name], batchSize: loader.batchSize },
      );
    }
    sizes[name] = loader.batchSize;
  }
  const lost = OF_DATASETS.filter((name) => isLoader(options.train) && options[name]);
  if (lost.length > 0) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `${caller}: train is a loader, which prepares its images itself, so ${lost.join(' and ')} would count for nothing; ` +
        'give them to dataLoader(), or pass the dataset',
      { lost },
    );
  }
  return { ...args, ...sizes };
}

/** Whose images are prepared. */
export interface PrepareOptions {
  caller: string;
  /** That is trained; it keeps what its images were prepared by. */
  model: LayersModel;
  /** Whose `preprocessor_config.json` comes before the model's own. */
  preparedFor?: LayersModel | undefined;
  teacherProcessor?: DataOptions['processor'] | undefined;
}

/** The loaders of a run. */
export interface Loaders {
  train: DataLoader;
  validation?: DataLoader;
  test?: DataLoader;
}

/** The data of a run, and how its images are prepared, where that is known. */
export interface PreparedData {
  loaders: Loaders;
  processor?: TrainProcessor;
  teacherProcessor?: TrainProcessor;
}

/** Loaders for the data of a run, and the processor for what is saved. */
export async function prepareData(
  { caller, model, preparedFor, teacherProcessor: given }: PrepareOptions,
  options: TrainerOptions,
  args: ResolvedArguments,
): Promise<PreparedData> {
  const config = options.processor ?? (preparedFor && preprocessorOf(preparedFor)) ?? preprocessorOf(model);
  const needed = [options.train, options.validation, options.test].some((data) => data && !isLoader(data));
  const processor = config && (needed || options.processor) ? await processorOf(caller, config) : undefined;
  const teacherProcessor = given ? await processorOf(caller, given) : undefined;
  if (processor) checkShape(caller, ['the model that is trained', 'pass another processor'], model, processor);
  const asked = teacherProcessor ?? processor;
  if (preparedFor && asked) {
    checkShape(caller, ['the teacher', 'pass the teacher its own teacherProcessor'], preparedFor, asked);
  }
  const shared: LoaderSettings = {
    batchSize: args.perDeviceEvalBatchSize,
    workers: args.dataloaderNumWorkers,
    processor,
    normalize: options.normalize,
  };
  const { classNames } = options.train;
  const forEvaluation = async (name: 'validation' | 'test'): Promise<DataLoader | undefined> => {
    const data = options[name];
    if (!data) return undefined;
    if (data.classNames.join('\n') !== classNames.join('\n')) {
      throw new KdError(
        'MISMATCH',
        `${caller}: the classes of ${name} (${data.classNames.join(', ')}) are not those of train (${classNames.join(', ')}), ` +
          'or have another order; mapLabels() of @kd/data brings them together',
        { train: classNames, [name]: data.classNames },
      );
    }
    return loaderOf(caller, data, shared);
  };
  const train = await loaderOf(caller, options.train, {
    ...shared,
    batchSize: args.perDeviceTrainBatchSize,
    teacherProcessor,
    shuffle: true,
    seed: args.dataSeed,
    dropLast: args.dataloaderDropLast,
    augment: options.augment,
    batchTransform: options.dataCollator,
  });
  const [validation, test] = [await forEvaluation('validation'), await forEvaluation('test')];
  if (processor) setPreprocessor(model, processor.config);
  return {
    loaders: { train, ...(validation ? { validation } : {}), ...(test ? { test } : {}) },
    ...(processor ? { processor } : {}),
    ...(teacherProcessor ? { teacherProcessor } : {}),
  };
}
