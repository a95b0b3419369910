import type { Architecture } from '../architectures/architecture.ts';
import { drawVariables, kaimingFanOut, uniform } from '../weights/draw.ts';
import { splitName } from '../weights/table.ts';
import { buildCifarResnet } from './build.ts';
import { type CifarResnetConfig, readCifarResnet, resolveCifarResnet, writeCifarResnet } from './config.ts';

/** CIFAR ResNets in the manner of Hugging Face's files, names as in torchvision; transformers has no such class. */
export const CIFAR_RESNET: Architecture<CifarResnetConfig> = {
  modelType: 'cifar_resnet',
  heads: ['fc'],
  readConfig: readCifarResnet,
  writeConfig: writeCifarResnet,
  build: (config) => buildCifarResnet(resolveCifarResnet(config)),
  leastWeights({ depth, width, numChannels, classNames }) {
    const blocks = (depth - 2) / 6;
    const stages = [16, 32, 64].map((channels) => (2 * blocks - 1) * 9 * (channels * width) ** 2);
    return stages.reduce((a, b) => a + b, 9 * 16 * width * numChannels + 64 * width * classNames.length);
  },
  initialize(variables, { width }, seed) {
    drawVariables(variables, seed, (name, shape) => {
      if (name.startsWith('fc/')) return uniform(1 / Math.sqrt(64 * width));
      return name.endsWith('/kernel') ? kaimingFanOut(shape) : undefined;
    });
  },
  rule(variable) {
    const { layer, weight, theirs } = splitName(variable);
    const layout = layer === 'fc' ? 'linear' : 'conv';
    return { name: `${layer}.${theirs}`, layout: weight === 'kernel' ? layout : 'same' };
  },
};
