import { checksFor, isWhole } from '../architectures/checks.ts';
import type { ConfigFields } from '../architectures/config-fields.ts';

/** Options by Hugging Face's names, in camel case, with the defaults of `ResNetConfig`: a ResNet-50. */
export interface ResnetOptions {
  /** Names of the classes, in the order of the labels. */
  classNames: readonly string[];
  /** Channels of an image. @default 3 */
  numChannels?: number;
  /** Channels behind the first convolution. @default 64 */
  embeddingSize?: number;
  /** Channels of each stage. @default [256, 512, 1024, 2048] */
  hiddenSizes?: readonly number[];
  /** Blocks of each stage. @default [3, 4, 6, 3] */
  depths?: readonly number[];
  /** Blocks of two 3x3 convolutions, or of 1x1, 3x3 and 1x1 with a quarter of the channels. @default 'bottleneck' */
  layerType?: 'basic' | 'bottleneck';
  /** Whether a bottleneck's first 1x1 convolution has the stride (He et al. 2016), not its 3x3. @default false */
  downsampleInBottleneck?: boolean;
  /** Whether the first stage halves height and width too. @default false */
  downsampleInFirstStage?: boolean;
  /** Of the initial weights: integer in [0, 2^53). @default 0 */
  seed?: number;
}

/** What `resnet` was made with, defaults filled in; saved with the model. */
export interface ResnetConfig extends Required<Omit<ResnetOptions, 'seed'>> {
  modelType: 'resnet';
}

/** Fills in the defaults and checks all options. */
export function resolveResnet({ seed: _, ...options }: ResnetOptions): ResnetConfig {
  const config: ResnetConfig = {
    modelType: 'resnet',
    numChannels: 3,
    embeddingSize: 64,
    hiddenSizes: [256, 512, 1024, 2048],
    depths: [3, 4, 6, 3],
    layerType: 'bottleneck',
    downsampleInBottleneck: false,
    downsampleInFirstStage: false,
    ...options,
  };
  const { hiddenSizes, depths, layerType } = config;
  const check = checksFor('resnet');
  check.classNames(config.classNames);
  check.whole('numChannels', config.numChannels);
  check.whole('embeddingSize', config.embeddingSize);
  check(layerType === 'basic' || layerType === 'bottleneck', 'layerType', "be 'basic' or 'bottleneck'", layerType);
  const unit = layerType === 'bottleneck' ? 4 : 1;
  const areSizes = hiddenSizes.length > 0 && hiddenSizes.every((size) => isWhole(size) && size % unit === 0);
  check(areSizes, 'hiddenSizes', `be whole numbers > 0${unit > 1 ? ', multiples of 4' : ''}`, hiddenSizes);
  const areDepths = depths.length === hiddenSizes.length && depths.every(isWhole);
  check(areDepths, 'depths', `be a whole number > 0 for each of the ${hiddenSizes.length} hiddenSizes`, depths);
  return { ...config, classNames: [...config.classNames], hiddenSizes: [...hiddenSizes], depths: [...depths] };
}

export function readResnet(fields: ConfigFields, classNames: readonly string[]): ResnetConfig {
  fields.only('hidden_act', 'relu');
  fields.ignore('out_features', 'out_indices', 'stage_names'); // what a backbone gives; a classifier gives logits
  return resolveResnet({
    classNames,
    numChannels: fields.get('num_channels', 'whole', 3),
    embeddingSize: fields.get('embedding_size', 'whole', 64),
    hiddenSizes: fields.get('hidden_sizes', 'numbers', [256, 512, 1024, 2048]),
    depths: fields.get('depths', 'numbers', [3, 4, 6, 3]),
    layerType: fields.get('layer_type', 'string', 'bottleneck') as 'basic' | 'bottleneck',
    downsampleInBottleneck: fields.get('downsample_in_bottleneck', 'boolean', false),
    downsampleInFirstStage: fields.get('downsample_in_first_stage', 'boolean', false),
  });
}

export function writeResnet(config: ResnetConfig): Record<string, unknown> {
  const stages = config.depths.map((_, i) => `stage${i + 1}`);
  return {
    architectures: ['ResNetForImageClassification'],
    depths: config.depths,
    downsample_in_bottleneck: config.downsampleInBottleneck,
    downsample_in_first_stage: config.downsampleInFirstStage,
    embedding_size: config.embeddingSize,
    hidden_act: 'relu',
    hidden_sizes: config.hiddenSizes,
    layer_type: config.layerType,
    num_channels: config.numChannels,
    out_features: stages.slice(-1),
    out_indices: [stages.length],
    stage_names: ['stem', ...stages],
  };
}
