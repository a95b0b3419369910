import { namedVariables } from '@kd/ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkBackend } from '../check-backend.ts';
import { type EncoderOptions, resolveEncoder } from './config.ts';
import { DEIT, type DeitConfig } from './deit-architecture.ts';

export interface DeitOptions extends EncoderOptions {
  /**
   * A head on the distillation token too (`DeiTForImageClassificationWithTeacher`): the logits are the mean of both
   * heads'. Else one head on the class token (`DeiTForImageClassification`). @default true
   */
  distillationHead?: boolean;
}

/**
 * A distilled vision transformer: beside the class token it has one that learns from a teacher.
 *
 * Input float32 [batch, height, width, channels], output float32 [batch, classes]: the mean of both heads' logits, also
 * in training. For a loss of each head, tap them:
 *
 * `withTaps(model, ['cls_classifier', 'distillation_classifier'])` gives mean, class head and distillation head.
 *
 * Initial tokens and position embeddings are 0, as Hugging Face has them; the authors' are drawn like those of `vit`.
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Touvron et al. 2021, "Training data-efficient image transformers & distillation through attention";
 * logits and gradients checked against transformers 4.57.
 *
 * @example
 * import { deit } from '@kd/models';
 * const classNames = ['cat', 'dog'];
 * const model = deit({ classNames, imageSize: 32, patchSize: 8, hiddenSize: 64, numHiddenLayers: 3,
 *   numAttentionHeads: 4, intermediateSize: 128, seed: 42 });
 * console.log(model.countParams()); // 114436
 */
export function deit({ distillationHead = true, ...options }: DeitOptions): LayersModel {
  const config: DeitConfig = { modelType: 'deit', ...resolveEncoder('deit', options), distillationHead };
  checkBackend('deit');
  const model = DEIT.build(config);
  DEIT.initialize(namedVariables(model), config, options.seed ?? 0);
  return model;
}
