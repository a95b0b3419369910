import { checksFor } from '../architectures/checks.ts';
import type { ConfigFields } from '../architectures/config-fields.ts';

/** Options by Hugging Face's names, in camel case, with the defaults of `MobileNetV2Config`. */
export interface MobileNetV2Options {
  /** Names of the classes, in the order of the labels. Google's checkpoints have 1001: the first is `background`. */
  classNames: readonly string[];
  /** Channels of an image. @default 3 */
  numChannels?: number;
  /** Size that images are scaled to beforehand; the network takes any. @default 224 */
  imageSize?: number;
  /** Factor for the channels of every layer, > 0. @default 1 */
  depthMultiplier?: number;
  /** Channels are multiples of it. @default 8 */
  depthDivisibleBy?: number;
  /** Least number of channels. @default 8 */
  minDepth?: number;
  /** How much wider a block is inside. @default 6 */
  expandRatio?: number;
  /** How much smaller than the image the last feature maps are: 2, 4, 8, 16 or 32; dilation replaces later strides. @default 32 */
  outputStride?: number;
  /** Whether the stem's first convolution does the expansion of the first block. @default true */
  firstLayerIsExpansion?: boolean;
  /** Whether the last convolution keeps its 1280 channels at multipliers below 1. @default true */
  finegrainedOutput?: boolean;
  /** TensorFlow's padding, which has the odd row at the bottom and right; else PyTorch's. @default true */
  tfPadding?: boolean;
  /** Share of features dropped in front of the head, in [0, 1). @default 0.8 */
  classifierDropoutProb?: number;
  /** Standard deviation of the initial weights. @default 0.02 */
  initializerRange?: number;
  /** Added to the variance in every batch-norm. @default 0.001 */
  batchNormEps?: number;
  /**
   * Share of the old running statistics that a step keeps, in [0, 1]. Hugging Face's class has 0.003 (TensorFlow's .997
   * taken the wrong way round): it evaluates with the statistics of the last batch alone. `0.997` is what the authors had.
   * @default 0.003
   */
  batchNormMomentum?: number;
  /** Of the initial weights: integer in [0, 2^53). @default 0 */
  seed?: number;
}

/** What `mobileNetV2` was made with, defaults filled in; saved with the model. */
export interface MobileNetV2Config extends Required<Omit<MobileNetV2Options, 'seed'>> {
  modelType: 'mobilenet_v2';
}

const DEFAULTS = {
  numChannels: 3,
  imageSize: 224,
  depthMultiplier: 1,
  depthDivisibleBy: 8,
  minDepth: 8,
  expandRatio: 6,
  outputStride: 32,
  firstLayerIsExpansion: true,
  finegrainedOutput: true,
  tfPadding: true,
  classifierDropoutProb: 0.8,
  initializerRange: 0.02,
  batchNormEps: 0.001,
  batchNormMomentum: 0.003,
};

/** Fills in the defaults and checks all options. */
export function resolveMobileNetV2({ seed: _, ...options }: MobileNetV2Options): MobileNetV2Config {
  const config: MobileNetV2Config = { modelType: 'mobilenet_v2', ...DEFAULTS, ...options };
  const check = checksFor('mobileNetV2');
  check.classNames(config.classNames);
  for (const name of ['numChannels', 'imageSize', 'depthDivisibleBy', 'minDepth'] as const) {
    check.whole(name, config[name]);
  }
  for (const name of ['depthMultiplier', 'expandRatio', 'batchNormEps'] as const) {
    check(config[name] > 0, name, 'be > 0', config[name]);
  }
  const { outputStride, classifierDropoutProb: dropout, initializerRange, batchNormMomentum } = config;
  check([2, 4, 8, 16, 32].includes(outputStride), 'outputStride', 'be 2, 4, 8, 16 or 32', outputStride);
  check(dropout >= 0 && dropout < 1, 'classifierDropoutProb', 'be in [0, 1)', dropout);
  check(initializerRange >= 0, 'initializerRange', 'be >= 0', initializerRange);
  const isShare = batchNormMomentum >= 0 && batchNormMomentum <= 1;
  check(isShare, 'batchNormMomentum', 'be in [0, 1]', batchNormMomentum);
  return { ...config, classNames: [...config.classNames] };
}

type Field = Exclude<keyof typeof DEFAULTS, 'batchNormMomentum'>;

/** Our options and Hugging Face's fields. */
const FIELDS: Readonly<Record<Field, readonly [name: string, kind: 'whole' | 'number' | 'boolean']>> = {
  numChannels: ['num_channels', 'whole'],
  imageSize: ['image_size', 'whole'],
  depthMultiplier: ['depth_multiplier', 'number'],
  depthDivisibleBy: ['depth_divisible_by', 'whole'],
  minDepth: ['min_depth', 'whole'],
  expandRatio: ['expand_ratio', 'number'],
  outputStride: ['output_stride', 'whole'],
  firstLayerIsExpansion: ['first_layer_is_expansion', 'boolean'],
  finegrainedOutput: ['finegrained_output', 'boolean'],
  tfPadding: ['tf_padding', 'boolean'],
  classifierDropoutProb: ['classifier_dropout_prob', 'number'],
  initializerRange: ['initializer_range', 'number'],
  batchNormEps: ['layer_norm_eps', 'number'],
};

/** A field that transformers does not know, and does not mind. */
const MOMENTUM = 'batch_norm_momentum';

export function readMobileNetV2(fields: ConfigFields, classNames: readonly string[]): MobileNetV2Config {
  fields.only('hidden_act', 'relu6');
  fields.ignore('semantic_loss_ignore_index');
  const read = Object.entries(FIELDS).map(([ours, [name, kind]]) => [
    ours,
    fields.get(name, kind, DEFAULTS[ours as Field] as never),
  ]);
  const batchNormMomentum = fields.get(MOMENTUM, 'number', DEFAULTS.batchNormMomentum);
  return resolveMobileNetV2({ ...Object.fromEntries(read), batchNormMomentum, classNames });
}

export function writeMobileNetV2(config: MobileNetV2Config): Record<string, unknown> {
  const fields = Object.entries(FIELDS).map(([ours, [name]]) => [name, config[ours as Field]]);
  const { batchNormMomentum } = config;
  return {
    architectures: ['MobileNetV2ForImageClassification'],
    hidden_act: 'relu6',
    semantic_loss_ignore_index: 255,
    ...Object.fromEntries(fields),
    ...(batchNormMomentum === DEFAULTS.batchNormMomentum ? {} : { [MOMENTUM]: batchNormMomentum }),
  };
}
