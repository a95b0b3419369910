import type { Architecture } from '../architectures/architecture.ts';
import { drawVariables, normal } from '../weights/draw.ts';
import { splitName } from '../weights/table.ts';
import { buildMobileNetV2, leastMobileNetV2Weights } from './build.ts';
import { type MobileNetV2Config, readMobileNetV2, resolveMobileNetV2, writeMobileNetV2 } from './config.ts';

/** `MobileNetV2ForImageClassification` of transformers. */
export const MOBILENET_V2: Architecture<MobileNetV2Config> = {
  modelType: 'mobilenet_v2',
  prefix: 'mobilenet_v2.',
  heads: ['classifier'],
  readConfig: readMobileNetV2,
  writeConfig: writeMobileNetV2,
  build: (config) => buildMobileNetV2(resolveMobileNetV2(config)),
  leastWeights: leastMobileNetV2Weights,
  initialize(variables, { initializerRange }, seed) {
    drawVariables(variables, seed, (name) => (name.endsWith('kernel') ? normal(initializerRange) : undefined));
  },
  rule(variable) {
    const { layer, weight, theirs } = splitName(variable);
    if (layer === 'classifier') {
      return { name: `classifier.${theirs}`, layout: weight === 'kernel' ? 'linear' : 'same' };
    }
    const name = `mobilenet_v2.${layer}.${theirs}`;
    if (weight === 'depthwise_kernel') return { name, layout: 'depthwise' };
    return { name, layout: weight === 'kernel' ? 'conv' : 'same' };
  },
};
