import { namedVariables } from '@kd/ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkBackend } from '../check-backend.ts';
import { type EncoderOptions, resolveEncoder } from './config.ts';
import { VIT, type VitConfig } from './vit-architecture.ts';

/**
 * A vision transformer: `ViTForImageClassification`, whose head sits on the class token. The original DeiT, without a
 * distillation token, is one too.
 *
 * Input float32 [batch, height, width, channels], output float32 [batch, classes]. In training pass
 * `{ training: true, context }` to `apply`; dropout takes its masks from the context.
 *
 * Its layers have Hugging Face's names (`embeddings`, `encoder.layer.11`, `layernorm`), so that features are tapped by
 * them. It consists of layers of ours: plain `tf.loadLayersModel` reads a saved one after `registerLayers()`.
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words"; logits and gradients checked against
 * transformers 4.57.
 *
 * @example
 * import { vit } from '@kd/models';
 * const classNames = ['cat', 'dog'];
 * const model = vit({ classNames, imageSize: 32, patchSize: 8, hiddenSize: 64, numHiddenLayers: 3,
 *   numAttentionHeads: 4, intermediateSize: 128, seed: 42 });
 * console.log(model.countParams()); // 114178
 */
export function vit(options: EncoderOptions): LayersModel {
  const config: VitConfig = { modelType: 'vit', ...resolveEncoder('vit', options) };
  checkBackend('vit');
  const model = VIT.build(config);
  VIT.initialize(namedVariables(model), config, options.seed ?? 0);
  return model;
}
