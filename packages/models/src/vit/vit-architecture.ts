import * as tfl from '@tensorflow/tfjs-layers';
import type { Architecture } from '../architectures/architecture.ts';
import { applied } from '../layers/convolution-block.ts';
import { setModelConfig } from '../model-config.ts';
import { type EncoderConfig, leastEncoderWeights, resolveEncoder } from './config.ts';
import { classifier, encoderGraph } from './encoder.ts';
import { encoderTensor, isOfOtherHeads, readEncoder, writeEncoder } from './hugging-face.ts';
import { initializeEncoder } from './initialize.ts';
import { PickToken } from './pick-token.ts';
import { registerLayers } from './register-layers.ts';

/** What `vit` was made with, defaults filled in; saved with the model. */
export interface VitConfig extends EncoderConfig {
  modelType: 'vit';
}

/** `ViTForImageClassification` of transformers. */
export const VIT: Architecture<VitConfig> = {
  modelType: 'vit',
  prefix: 'vit.',
  heads: ['classifier'],
  readConfig: (fields, classNames) => ({ modelType: 'vit', ...readEncoder('vit', fields, classNames) }),
  writeConfig: (config) => ({ architectures: ['ViTForImageClassification'], ...writeEncoder(config) }),
  build(options) {
    registerLayers();
    const config: VitConfig = { modelType: 'vit', ...resolveEncoder('vit', options) };
    const { image, tokens } = encoderGraph(config, false);
    const classToken = applied(new PickToken({ name: 'class_token', index: 0 }), tokens);
    const outputs = applied(classifier('classifier', config), classToken);
    const model = tfl.model({ inputs: image, outputs, name: config.modelType });
    setModelConfig(model, config);
    return model;
  },
  leastWeights: leastEncoderWeights,
  initialize: initializeEncoder,
  rule: (variable) => encoderTensor(variable, 'vit.'),
  isIgnorable: isOfOtherHeads,
};
