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

/** What `deit` was made with, defaults filled in; saved with the model. */
export interface DeitConfig extends EncoderConfig {
  modelType: 'deit';
  distillationHead: boolean;
}

/** The class with a head on the distillation token. */
const WITH_TEACHER = 'DeiTForImageClassificationWithTeacher';

/** `DeiTForImageClassification` and `DeiTForImageClassificationWithTeacher` of transformers. */
export const DEIT: Architecture<DeitConfig> = {
  modelType: 'deit',
  prefix: 'deit.',
  heads: ['classifier', 'cls_classifier', 'distillation_classifier'],
  readConfig: (fields, classNames) => ({
    modelType: 'deit',
    ...readEncoder('deit', fields, classNames),
    distillationHead: fields.className() === WITH_TEACHER,
  }),
  writeConfig: (config) => ({
    architectures: [config.distillationHead ? WITH_TEACHER : 'DeiTForImageClassification'],
    ...writeEncoder(config),
  }),
  build(options) {
    registerLayers();
    const { distillationHead } = options;
    const config: DeitConfig = { modelType: 'deit', ...resolveEncoder('deit', options), distillationHead };
    const { image, tokens } = encoderGraph(config, true);
    const head = (name: string, token: string, index: number): tfl.SymbolicTensor =>
      applied(classifier(name, config), applied(new PickToken({ name: token, index }), tokens));
    const outputs = config.distillationHead
      ? applied(tfl.layers.average({ name: 'logits' }), [
          head('cls_classifier', 'class_token', 0),
          head('distillation_classifier', 'distillation_token', 1),
        ])
      : head('classifier', 'class_token', 0);
    const model = tfl.model({ inputs: image, outputs, name: config.modelType });
    setModelConfig(model, config);
    return model;
  },
  leastWeights: leastEncoderWeights,
  initialize: initializeEncoder,
  rule: (variable) => encoderTensor(variable, 'deit.'),
  isIgnorable: isOfOtherHeads,
};
