import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { selectBackend } from '@kd/backend/node';
import { arrayDataset, dataLoader, MNIST_NORMALIZATION, subset } from '@kd/data';
import { hintLoss, linearConnector } from '@kd/losses';
import { mlp, resnet, withTaps } from '@kd/models';
import { onnxEngine } from '@kd/onnx/node';
import {
  adamW,
  cachedTeacher,
  cosineSchedule,
  distillation,
  earlyStopping,
  featureDistillation,
  modelTeacher,
  NO_WEIGHT_DECAY,
  type Objective,
  type TrainOptions,
  train,
} from '@kd/train';
import { answerFolder, checkpointFolder, metricsJsonl, tensorBoard } from '@kd/train/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { ACCUMULATION, BATCH, EPOCHS, FILES, SAMPLES, type Settings } from './settings.ts';

const classNames = [...'0123456789'];
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** Pixels of all digits, and behind them their labels. */
function readDigits(path: string) {
  const bytes = new Uint8Array(readFileSync(path));
  const samples = bytes.length / 785;
  const images = { data: bytes.subarray(0, samples * 784), shape: [samples, 28, 28] };
  return arrayDataset({ images, labels: [...bytes.subarray(samples * 784)], classNames });
}

/** Batch-norm, dropout, max-norm; batch-norm and convolutions; taps. */
function studentOf(variant: Settings['variant']): LayersModel {
  const small = { hiddenSizes: [16, 12], classNames, batchNorm: true, dropout: 0.2, maxNorm: 3, seed: 1 };
  if (variant === 'mlp') return mlp(small);
  if (variant === 'features') return withTaps(mlp(small), ['relu2']);
  return resnet({
    classNames,
    numChannels: 1,
    embeddingSize: 8,
    hiddenSizes: [8, 8],
    depths: [1, 1],
    layerType: 'basic',
  });
}

function objectiveOf({ variant, folder }: Settings, onWarning: (line: string) => void): Objective {
  const teacherModel = mlp({ hiddenSizes: [24], classNames, seed: 9 });
  const options = { temperature: 4, lambda: 0.5 };
  const answers = answerFolder(join(folder, FILES.answers), { onWarning });
  if (variant !== 'features') {
    return distillation({ teacher: cachedTeacher(modelTeacher(teacherModel), { folder: answers }), ...options });
  }
  const tapped = modelTeacher(withTaps(teacherModel, ['relu1']));
  const connector = linearConnector({ name: 'hint', inputFeatures: 12, outputFeatures: 24 });
  return featureDistillation({
    teacher: cachedTeacher(tapped, { folder: answers, features: ['relu1'] }),
    features: [{ student: 'relu2', teacher: 'relu1', loss: hintLoss, weight: 0.5, connector }],
    ...options,
  });
}

/** What runs are stopped in: everything that has a state is on. */
export async function runTraining(
  settings: Settings,
  more: Pick<TrainOptions, 'callbacks' | 'signal'>,
): Promise<LayersModel> {
  const { folder, engine, variant } = settings;
  const fail = (line: string): void => {
    throw new Error(line);
  };
  await selectBackend({ backend: engine === 'cpu' ? 'cpu' : 'wasm' });
  const digits = readDigits(settings.digits);
  const normalize = MNIST_NORMALIZATION;
  const model = studentOf(variant);
  await train({
    model,
    objective: objectiveOf(settings, fail),
    train: dataLoader(subset(digits, range(0, SAMPLES)), {
      batchSize: BATCH,
      shuffle: true,
      seed: 5,
      normalize,
      jitter: 1,
    }),
    validation: dataLoader(subset(digits, range(SAMPLES, digits.length)), { batchSize: 20, normalize }),
    epochs: EPOCHS,
    optimizer: adamW({ weightDecay: 0.01, groups: [NO_WEIGHT_DECAY] }),
    learningRate: 0.01,
    schedule: cosineSchedule({ warmupSteps: 3 }),
    gradientAccumulationSteps: ACCUMULATION,
    maxGradNorm: 1,
    ema: { decay: 0.9 },
    seed: 3,
    selectBest: true,
    loggingStrategy: 'steps',
    loggingSteps: 3,
    evalStrategy: 'epoch',
    saveStrategy: 'steps',
    saveSteps: 1,
    checkpoints: checkpointFolder(folder),
    resume: true,
    ...(engine === 'onnx' ? { engine: onnxEngine({ threads: 1, onWarning: fail }) } : {}),
    ...more,
    callbacks: [
      ...(more.callbacks ?? []),
      earlyStopping({ patience: 99 }),
      metricsJsonl(join(folder, FILES.metrics)),
      tensorBoard(join(folder, FILES.events), { loggingSteps: 3 }),
    ],
  });
  return model;
}
