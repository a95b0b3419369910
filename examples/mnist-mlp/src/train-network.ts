import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type DataLoader, KdError } from '@kd/core';
import { writeFileAtomic } from '@kd/core/node';
import type { Normalization } from '@kd/data';
import { loadModel, saveModel } from '@kd/models/node';
import { type Objective, train } from '@kd/train';
import { checkpointFolder, metricsJsonl } from '@kd/train/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Config, NetworkConfig } from './config.ts';
import { type Data, evaluationLoader } from './data.ts';
import type { Engine } from './engine.ts';
import { count } from './format.ts';
import { loadMlp } from './load-mlp.ts';
import { createNetwork, createOptimizer, createSchedule } from './network.ts';
import type { NetworkKey, NetworkResult } from './results.ts';
import type { Screen } from './terminal.ts';

/** Everything that the networks of one seed share. */
export interface Stage {
  config: Config;
  seed: number;
  data: Data;
  /** Where the results of this seed go. */
  folder: string;
  /** That folder as seen from the run's: '' or 'seed-42'. */
  subfolder: string;
  engine: Engine;
  screen: Screen;
  signal: AbortSignal;
}

/** A network as far as training goes; what it reaches on the test images comes later. */
export type Trained = Omit<NetworkResult, 'test' | 'inferenceMsPerImage'>;

/** Thrown where Ctrl-C ended training; everything is saved by then. */
export class Stopped extends Error {}

const PLACES: Record<NetworkKey, string> = { teacher: '[1/3]', scratch: '[2/3]', student: '[3/3]' };

const describeNetwork = (key: NetworkKey, { hiddenSizes }: Pick<NetworkConfig, 'hiddenSizes'>, data: Data): string => {
  const [height, width] = data.train.imageShape;
  const names: Record<NetworkKey, string> = {
    teacher: 'teacher',
    scratch: 'student, labels alone',
    student: 'student, distilled',
  };
  return `${names[key]} ${[height * width, ...hiddenSizes, data.classNames.length].join('-')}`;
};

/** What an earlier part of this run has finished, if it has. */
async function finished(stage: Stage, key: NetworkKey): Promise<{ model: LayersModel; trained: Trained } | undefined> {
  const text = await readFile(join(stage.folder, 'state', key, 'trained.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return { model: await loadModel(join(stage.folder, key)), trained: JSON.parse(text) as Trained };
}

/**
 * Trains one network and saves it; goes on from its checkpoint, and leaves alone one that is finished.
 *
 * @throws {Stopped} after Ctrl-C
 */
export async function trainNetwork(
  stage: Stage,
  key: NetworkKey,
  network: NetworkConfig,
  loader: DataLoader,
  makeObjective: () => Objective,
): Promise<{ model: LayersModel; trained: Trained }> {
  const { config, seed, data, folder, engine, screen, signal } = stage;
  const label = describeNetwork(key, network, data);
  const done = await finished(stage, key);
  if (done) {
    screen.print(`\n${PLACES[key]} ${label}: already trained`);
    return done;
  }
  const images = config.sanityCheck ? config.batchSize : loader.sampleCount;
  const note = config.sanityCheck ? ' (sanity check)' : '';
  screen.print(`\n${PLACES[key]} ${label}, ${count(images)} images an epoch${note}`);
  // Both students start from the same weights and see the same batches: they differ in their objective alone.
  const model = createNetwork(network, data, key === 'teacher' ? seed : seed + 1);
  const optimizer = createOptimizer(config);
  const result = await train({
    model,
    objective: makeObjective(),
    train: loader,
    validation: evaluationLoader(data.validation, data),
    evaluationMode: key === 'teacher' ? config.teacherEvaluation : 'inference',
    epochs: network.epochs,
    ...(config.sanityCheck ? { maxBatchesPerEpoch: 1 } : {}),
    engine: engine.steps,
    optimizer,
    learningRate: config.learningRate,
    schedule: createSchedule(network),
    seed,
    selectBest: network.selectBest !== null && {
      metric: network.selectBest,
      mode: network.selectBest === 'eval_loss' ? 'min' : 'max',
      reloadOnDrop: network.schedule === 'plateau',
    },
    checkpoints: checkpointFolder(join(folder, 'state', key)),
    resume: true,
    callbacks: [screen.progress(), metricsJsonl(join(folder, 'metrics.jsonl'), { network: key, seed })],
    signal,
  });
  optimizer.dispose();
  if (result.stopped === 'aborted') throw new Stopped();
  if (result.best) screen.print(`Kept the weights of epoch ${result.best.epoch}`);
  model.setUserDefinedMetadata({ ...model.getUserDefinedMetadata(), normalization: data.normalization });
  await saveModel(model, join(folder, key));
  const trained: Trained = {
    key,
    label,
    hiddenSizes: network.hiddenSizes,
    parameters: model.countParams(),
    history: result.history,
    ...(result.best ? { bestEpoch: result.best.epoch } : {}),
    trainSeconds: result.train_runtime,
    imagesPerSecond: result.train_samples_per_second,
    folder: posix.join(stage.subfolder, key),
    loaded: false,
  };
  await writeFileAtomic(join(folder, 'state', key, 'trained.json'), JSON.stringify(trained));
  return { model, trained };
}

/** A teacher that an earlier run saved, copied into this one. */
export async function reuseTeacher(stage: Stage, source: string): Promise<{ model: LayersModel; trained: Trained }> {
  const { model, mlp } = await loadMlp(source);
  const { classNames } = mlp;
  const hiddenSizes = [...mlp.hiddenSizes];
  if (classNames.join() !== stage.data.classNames.join()) {
    throw new KdError(
      'MISMATCH',
      `--teacher: '${source}' knows the classes ${classNames}, the data has ${stage.data.classNames}`,
    );
  }
  const { normalization } = model.getUserDefinedMetadata() as { normalization?: Normalization };
  if (JSON.stringify(normalization) !== JSON.stringify(stage.data.normalization)) {
    throw new KdError(
      'MISMATCH',
      `--teacher: '${source}' was trained on images normalised by ${JSON.stringify(normalization)}, ` +
        `these are by ${JSON.stringify(stage.data.normalization)}`,
    );
  }
  stage.screen.print(`\n${PLACES.teacher} teacher from ${source}`);
  await saveModel(model, join(stage.folder, 'teacher'));
  const trained: Trained = {
    key: 'teacher',
    label: describeNetwork('teacher', { hiddenSizes }, stage.data),
    hiddenSizes,
    parameters: model.countParams(),
    history: [],
    trainSeconds: 0,
    imagesPerSecond: 0,
    folder: posix.join(stage.subfolder, 'teacher'),
    loaded: true,
  };
  return { model, trained };
}
