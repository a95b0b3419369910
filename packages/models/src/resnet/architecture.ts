import type { Architecture } from '../architectures/architecture.ts';
import { drawVariables, kaimingFanOut, uniform } from '../weights/draw.ts';
import { splitName } from '../weights/table.ts';
import { buildResnet } from './build.ts';
import { type ResnetConfig, readResnet, resolveResnet, writeResnet } from './config.ts';

/** `ResNetForImageClassification` of transformers. */
export const RESNET: Architecture<ResnetConfig> = {
  modelType: 'resnet',
  prefix: 'resnet.',
  heads: ['classifier'],
  readConfig: readResnet,
  writeConfig: writeResnet,
  build: (config) => buildResnet(resolveResnet(config)),
  leastWeights({ numChannels, embeddingSize, hiddenSizes, depths, layerType, classNames }) {
    const inner = layerType === 'bottleneck' ? 1 / 4 : 1;
    const stages = hiddenSizes.map((size, i) => depths[i]! * 9 * (inner * size) ** 2);
    return stages.reduce((a, b) => a + b, 49 * numChannels * embeddingSize + hiddenSizes.at(-1)! * classNames.length);
  },
  initialize(variables, { hiddenSizes }, seed) {
    const inputs = hiddenSizes.at(-1)!;
    drawVariables(variables, seed, (name, shape) => {
      if (name.startsWith('classifier/')) return uniform(1 / Math.sqrt(inputs));
      return name.endsWith('/kernel') ? kaimingFanOut(shape) : undefined;
    });
  },
  rule(variable) {
    const { layer, weight, theirs } = splitName(variable);
    if (layer === 'classifier') {
      return { name: `classifier.1.${theirs}`, layout: weight === 'kernel' ? 'linear' : 'same' };
    }
    return { name: `resnet.${layer}.${theirs}`, layout: weight === 'kernel' ? 'conv' : 'same' };
  },
};
