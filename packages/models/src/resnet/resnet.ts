import { namedVariables } from '@kd/ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkBackend } from '../check-backend.ts';
import { RESNET } from './architecture.ts';
import { type ResnetOptions, resolveResnet } from './config.ts';

/**
 * A residual network: `ResNetForImageClassification`. Presets with the published sizes: `resnet18`, `resnet50`, …
 *
 * Input float32 [batch, height, width, channels] of any size, output float32 [batch, classes]. In training pass
 * `{ training: true }` to `apply`. Taps: `embedder` (behind the pooling), `layer1` to `layer4` (the stages, as the paper
 * counts them), `pooler`; inside, Hugging Face's names without the prefix, such as `encoder.stages.0.layers.0`.
 *
 * Starts as Hugging Face's class: convolutions N(0, 2 / fan out), the head U(-1 / sqrt(inputs), 1 / sqrt(inputs)).
 *
 * @returns a LayersModel; saved, it consists of TF.js' own layers
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: He et al. 2016, "Deep Residual Learning for Image Recognition"; logits, gradients and statistics checked
 * against transformers 4.57.
 *
 * @example
 * import { resnet } from '@kd/models';
 * const classNames = ['cat', 'dog'];
 * const model = resnet({ classNames, embeddingSize: 8, hiddenSizes: [8, 16], depths: [1, 1], layerType: 'basic' });
 * console.log(model.outputShape); // [ null, 2 ]
 */
export function resnet(options: ResnetOptions): LayersModel {
  const config = resolveResnet(options);
  checkBackend('resnet');
  const model = RESNET.build(config);
  RESNET.initialize(namedVariables(model), config, options.seed ?? 0);
  return model;
}
