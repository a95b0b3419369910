import { KdError } from '@kd/core';

/** A size in pixels: of a square, or height and width. */
export type Size = number | readonly [number, number];

/** Options of vision transformers: Hugging Face's names in camel case, with the defaults of `ViTConfig`. */
export interface EncoderOptions {
  /** Names of the classes, in the order of the labels. */
  classNames: readonly string[];
  /** Size of the images that the position embeddings are for. @default 224 */
  imageSize?: Size;
  /** Size of the images that come in; if another, position embeddings are interpolated. @default imageSize */
  inputSize?: Size;
  /** @default 16 */
  patchSize?: Size;
  /** Channels of an image. @default 3 */
  numChannels?: number;
  /** Width of a token, a multiple of `numAttentionHeads`. @default 768 */
  hiddenSize?: number;
  /** @default 12 */
  numHiddenLayers?: number;
  /** @default 12 */
  numAttentionHeads?: number;
  /** Units of the perceptron in each layer. @default 3072 */
  intermediateSize?: number;
  /** Whether query, key and value have a bias. @default true */
  qkvBias?: boolean;
  /** Of every layer normalisation. timm has 1e-6. @default 1e-12 */
  layerNormEps?: number;
  /** Share of units dropped after embeddings, attention and perceptron, in [0, 1). @default 0 */
  hiddenDropoutProb?: number;
  /** Share of attention weights dropped, in [0, 1). @default 0 */
  attentionProbsDropoutProb?: number;
  /** Standard deviation of the initial weights. @default 0.02 */
  initializerRange?: number;
  /** Of the initial weights: integer in [0, 2^53). @default 0 */
  seed?: number;
}

/** What vision transformers were made with, defaults filled in. */
export interface EncoderConfig
  extends Required<Omit<EncoderOptions, 'seed' | 'imageSize' | 'inputSize' | 'patchSize'>> {
  imageSize: readonly [number, number];
  inputSize: readonly [number, number];
  patchSize: readonly [number, number];
}

const pair = (size: Size): readonly [number, number] => (typeof size === 'number' ? [size, size] : [size[0], size[1]]);

/** Fills in the defaults and checks all options. */
export function resolveEncoder(caller: string, options: EncoderOptions): EncoderConfig {
  const { imageSize = 224 } = options;
  const config: EncoderConfig = {
    classNames: [...options.classNames],
    imageSize: pair(imageSize),
    inputSize: pair(options.inputSize ?? imageSize),
    patchSize: pair(options.patchSize ?? 16),
    numChannels: options.numChannels ?? 3,
    hiddenSize: options.hiddenSize ?? 768,
    numHiddenLayers: options.numHiddenLayers ?? 12,
    numAttentionHeads: options.numAttentionHeads ?? 12,
    intermediateSize: options.intermediateSize ?? 3072,
    qkvBias: options.qkvBias ?? true,
    layerNormEps: options.layerNormEps ?? 1e-12,
    hiddenDropoutProb: options.hiddenDropoutProb ?? 0,
    attentionProbsDropoutProb: options.attentionProbsDropoutProb ?? 0,
    initializerRange: options.initializerRange ?? 0.02,
  };
  checkEncoder(caller, config);
  return config;
}

function checkEncoder(caller: string, config: EncoderConfig): void {
  const check = (name: keyof EncoderConfig, valid: boolean, rule: string): void => {
    if (valid) return;
    const value = name === 'classNames' ? config.classNames.length : config[name];
    const shown = Array.isArray(value) ? `[${value}]` : String(value);
    throw new KdError('INVALID_ARGUMENT', `${caller}: ${name} must ${rule}, got ${shown}`, { [name]: value });
  };
  const isWhole = (size: number): boolean => Number.isInteger(size) && size > 0;
  check('classNames', config.classNames.length >= 2, 'name two classes or more');
  for (const name of ['imageSize', 'inputSize', 'patchSize'] as const) {
    check(name, config[name].every(isWhole), 'be a whole number > 0, or two');
  }
  for (const name of [
    'numChannels',
    'hiddenSize',
    'numHiddenLayers',
    'numAttentionHeads',
    'intermediateSize',
  ] as const) {
    check(name, isWhole(config[name]), 'be a whole number > 0');
  }
  for (const name of ['imageSize', 'inputSize'] as const) {
    const [height, width] = config.patchSize;
    const fits = config[name][0] >= height && config[name][1] >= width;
    check(name, fits, `hold a patch, [${config.patchSize}]`);
  }
  const { hiddenSize, numAttentionHeads } = config;
  check('hiddenSize', hiddenSize % numAttentionHeads === 0, `be a multiple of numAttentionHeads, ${numAttentionHeads}`);
  for (const name of ['hiddenDropoutProb', 'attentionProbsDropoutProb'] as const) {
    check(name, config[name] >= 0 && config[name] < 1, 'be in [0, 1)');
  }
  check('layerNormEps', config.layerNormEps > 0, 'be > 0');
  check('initializerRange', config.initializerRange >= 0, 'be >= 0');
}

/** A lower bound on the weights: the kernels and the position embeddings. */
export function leastEncoderWeights(config: EncoderConfig): number {
  const { hiddenSize, intermediateSize, numHiddenLayers, numChannels, imageSize, patchSize, classNames } = config;
  const patchPixels = patchSize[0] * patchSize[1];
  const patches = Math.floor(imageSize[0] / patchSize[0]) * Math.floor(imageSize[1] / patchSize[1]);
  const layer = 4 * hiddenSize + 2 * intermediateSize;
  return hiddenSize * (numHiddenLayers * layer + patchPixels * numChannels + patches + classNames.length);
}
