import { checksFor } from '../architectures/checks.ts';
import type { ConfigFields } from '../architectures/config-fields.ts';

export interface CifarResnetOptions {
  /** Names of the classes, in the order of the labels. */
  classNames: readonly string[];
  /** Layers with weights, 6 n + 2: 20, 32, 44, 56, 110. @default 20 */
  depth?: number;
  /** Channels of an image. @default 3 */
  numChannels?: number;
  /** Factor for the 16, 32 and 64 channels of the stages: whole number > 0. @default 1 */
  width?: number;
  /**
   * What leads past a block that halves the feature maps: `'identity'`, every second pixel and channels of zeros, as in the
   * paper ("option A"); or `'convolution'`, 1x1 with batch-norm ("option B"), as in the distillation literature.
   * @default 'identity'
   */
  shortcut?: 'identity' | 'convolution';
  /** Of the initial weights: integer in [0, 2^53). @default 0 */
  seed?: number;
}

/** What `cifarResnet` was made with, defaults filled in; saved with the model. */
export interface CifarResnetConfig extends Required<Omit<CifarResnetOptions, 'seed'>> {
  modelType: 'cifar_resnet';
}

/** Fills in the defaults and checks all options. */
export function resolveCifarResnet({ seed: _, ...options }: CifarResnetOptions): CifarResnetConfig {
  const config: CifarResnetConfig = {
    modelType: 'cifar_resnet',
    depth: 20,
    numChannels: 3,
    width: 1,
    shortcut: 'identity',
    ...options,
  };
  const { depth, shortcut } = config;
  const check = checksFor('cifarResnet');
  check.classNames(config.classNames);
  check(Number.isInteger(depth) && depth >= 8 && depth % 6 === 2, 'depth', 'be 6 n + 2, such as 20 or 56', depth);
  check.whole('numChannels', config.numChannels);
  check.whole('width', config.width);
  const isShortcut = shortcut === 'identity' || shortcut === 'convolution';
  check(isShortcut, 'shortcut', "be 'identity' or 'convolution'", shortcut);
  return { ...config, classNames: [...config.classNames] };
}

export function readCifarResnet(fields: ConfigFields, classNames: readonly string[]): CifarResnetConfig {
  return resolveCifarResnet({
    classNames,
    depth: fields.get('depth', 'whole', 20),
    numChannels: fields.get('num_channels', 'whole', 3),
    width: fields.get('width', 'whole', 1),
    shortcut: fields.get('shortcut', 'string', 'identity') as 'identity' | 'convolution',
  });
}

export function writeCifarResnet({ depth, numChannels, width, shortcut }: CifarResnetConfig): Record<string, unknown> {
  return { depth, num_channels: numChannels, width, shortcut };
}
