import type { ImageDataset } from '@kd/core';
import { loadMnist } from '@kd/data/node';
import type { EpochMetrics } from '@kd/train';
import { presetConfig } from '../../config.ts';
import type { NetworkKey, NetworkResult, Picture, RunResults, SeedResults } from '../../results.ts';

export interface SampleOptions {
  epochs?: number;
  seeds?: number;
  /** Errors of each network on the test images. */
  errors?: Record<NetworkKey, number>;
  disagreements?: number;
  omitDigit?: number;
  classNames?: string[];
}

const SIZES: Record<NetworkKey, number[]> = { teacher: [1200, 1200], scratch: [800, 800], student: [800, 800] };

/** Softmax of made-up answers: sure of the label, less sure of what resembles it. */
function softened(logits: readonly number[], temperature: number): number[] {
  const powers = logits.map((logit) => Math.exp(logit / temperature));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

function pictureOf(dataset: ImageDataset, id: number): Picture {
  const { image, label = 0 } = dataset.get(id);
  return { id, pixels: Array.from(image.data), label };
}

/** A network that learns as networks do: fast, then slowly, a little by chance. */
function historyOf(key: NetworkKey, epochs: number, seed: number): EpochMetrics[] {
  const level = { teacher: 1, scratch: 1.15, student: 0.9 }[key];
  return Array.from({ length: epochs }, (_, i) => {
    const wave = 1 + 0.06 * Math.sin(i * 2.3 + seed + level * 9);
    const train = (level * 0.28) / (1 + i) ** 1.4;
    const evaluation = level * (0.06 + 0.09 / (1 + i) ** 1.2) * wave;
    return {
      epoch: i + 1,
      step: (i + 1) * 430,
      learning_rate: 2e-3 * (1 - (i + 0.99) / epochs),
      train_loss: key === 'student' ? train * 9 : train,
      train_accuracy: 1 - train * 0.3,
      ...(key === 'student' ? { train_soft_loss: train * 9.8, train_hard_loss: train * 1.3 } : {}),
      epoch_runtime: 9.4,
      train_samples_per_second: 5900,
      is_best: i === epochs - 1,
      best_reloaded: false,
      eval_loss: evaluation,
      eval_accuracy: 1 - evaluation * 0.27,
    };
  });
}

function networkOf(key: NetworkKey, errors: number, epochs: number, seed: number): NetworkResult {
  const sizes = [784, ...SIZES[key], 10];
  const parameters = sizes.slice(1).reduce((sum, size, i) => sum + (sizes[i]! + 1) * size, 0);
  const large = key === 'teacher';
  return {
    key,
    label: `${key} ${sizes.join('-')}`,
    hiddenSizes: SIZES[key],
    parameters,
    history: historyOf(key, epochs, seed),
    bestEpoch: Math.max(1, epochs - 1),
    test: { errors, accuracy: 1 - errors / 10_000, loss: errors * 3.6e-4, images: 10_000 },
    trainSeconds: (large ? 9.4 : 6.1) * epochs,
    imagesPerSecond: large ? 5870 : 9210,
    inferenceMsPerImage: { teacher: 0.0521, scratch: 0.0283, student: 0.0279 }[key],
    folder: `models/${key}`,
    loaded: false,
  };
}

function seedOf(index: number, options: Required<SampleOptions>): SeedResults {
  // Seeds differ by a few errors, more so to either side the further they are.
  const wobble = (key: NetworkKey, i: number): number =>
    options.errors[key] + (index === 0 ? 0 : Math.round(9 * Math.sin(index * 5 + i * 2)));
  const keys: NetworkKey[] = ['teacher', 'scratch', 'student'];
  const networks = keys.map((key, i) => networkOf(key, wobble(key, i), options.epochs, index));
  const { omitDigit } = options;
  return {
    seed: 42 + index,
    networks,
    ...(omitDigit >= 0
      ? {
          omitted: {
            digit: omitDigit,
            errors: 206 + index,
            errorsOnDigit: 133,
            biasShift: 3.5,
            errorsShifted: 109 + index,
            errorsOnDigitShifted: 14,
          },
        }
      : {}),
    comparisons: [
      {
        a: 'student',
        b: 'scratch',
        onlyA: 58,
        onlyB: 39,
        pValue: 0.066,
        sentence:
          'The distilled student and the student from labels alone cannot be told apart on these images ' +
          '(152 against 171 errors, p = .066).',
      },
      {
        a: 'student',
        b: 'teacher',
        onlyA: 41,
        onlyB: 35,
        pValue: 0.566,
        sentence:
          'The distilled student and the teacher cannot be told apart on these images (152 against 158 errors, p = .566).',
      },
    ],
  };
}

/** What a run might have found, with real digits: for tests, and for looking at the report. */
export async function sampleResults(options: SampleOptions = {}): Promise<RunResults> {
  const digits = Array.from({ length: 10 }, (_, digit) => `${digit}`);
  const filled: Required<SampleOptions> = {
    epochs: 4,
    seeds: 1,
    errors: { teacher: 158, scratch: 171, student: 152 },
    disagreements: 76,
    omitDigit: -1,
    classNames: digits,
    ...options,
  };
  const { train, test } = await loadMnist();
  const hard = pictureOf(train, 7); // a 3
  const logits = digits.map((_, digit) => (digit === hard.label ? 11 : 6.5 * Math.abs(Math.sin(digit * 1.7 + 1)) - 4));
  return {
    config: { ...presetConfig('quick'), omitDigit: filled.omitDigit, seeds: filled.seeds },
    command: 'npm start -- --preset quick --seed 42',
    startedAt: '2026-03-04T09:05:00.000Z',
    seconds: 94.2,
    engine: 'ONNX Runtime 1.30.0, a training step is one graph; the rest on TF.js, wasm: the fastest on a CPU',
    backend: {
      name: 'wasm',
      summary: 'WebAssembly (@tensorflow/tfjs-backend-wasm), completed for training: tfjs-node is not installed',
    },
    machine: { node: 'v20.20.2', platform: 'linux x64', cpu: 'AMD EPYC 7B13', cores: 2 },
    dataset: {
      name: 'MNIST',
      classNames: filled.classNames,
      height: 28,
      width: 28,
      train: 55_000,
      validation: 5000,
      test: 10_000,
      validationIsTest: false,
    },
    seeds: Array.from({ length: filled.seeds }, (_, index) => seedOf(index, filled)),
    samples: [0, 1, 2, 3].map((id) => pictureOf(train, id)),
    softTargets: {
      ...hard,
      answers: [1, 5, 20].map((temperature) => ({ temperature, probabilities: softened(logits, temperature) })),
    },
    disagreements: Array.from({ length: Math.min(24, filled.disagreements) }, (_, i) => {
      const picture = pictureOf(test, i * 37 + 8);
      const other = (picture.label + 1 + (i % 8)) % 10;
      const right = { prediction: picture.label, probability: 0.51 + 0.019 * i };
      const wrong = { prediction: other, probability: 0.93 - 0.02 * i };
      return { ...picture, teacher: i % 3 === 0 ? wrong : right, student: i % 3 === 0 ? right : wrong };
    }),
    disagreementCount: filled.disagreements,
  };
}
