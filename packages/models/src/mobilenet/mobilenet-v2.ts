import { namedVariables } from '@kd/ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkBackend } from '../check-backend.ts';
import { MOBILENET_V2 } from './architecture.ts';
import { type MobileNetV2Options, resolveMobileNetV2 } from './config.ts';

/**
 * MobileNetV2: `MobileNetV2ForImageClassification`. With 1000 classes it has the published 3 504 872 parameters;
 * Google's checkpoints have 1001 classes (3 506 153). From torchvision's network Hugging Face's differs in padding
 * (`tfPadding`), the batch-norms' epsilon and momentum, and dropout (.8, not .2); all are options.
 *
 * Input float32 [batch, height, width, channels] of any size, output float32 [batch, classes]. In training pass
 * `{ training: true, context }` to `apply`; dropout takes its mask from the context. Taps: `conv_stem`, `layer.0` to
 * `layer.15`, `conv_1x1`, `pooler`; inside, Hugging Face's names, such as `layer.0.expand_1x1`.
 *
 * Starts as Hugging Face's class: convolutions and head N(0, .02^2).
 *
 * @returns a LayersModel; saved, it consists of TF.js' own layers, but for an `outputStride` below 32, whose dilated
 *   convolutions TF.js' own layer computes wrongly: then `registerLayers()` is to be called before `tf.loadLayersModel`
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Sandler et al. 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks"; logits, gradients and
 * statistics checked against transformers 4.57.
 *
 * @example
 * import { countParameters, mobileNetV2 } from '@kd/models';
 * const classNames = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
 * console.log(countParameters(mobileNetV2({ classNames, seed: 42 }))); // 3504872
 */
export function mobileNetV2(options: MobileNetV2Options): LayersModel {
  const config = resolveMobileNetV2(options);
  checkBackend('mobileNetV2');
  const model = MOBILENET_V2.build(config);
  MOBILENET_V2.initialize(namedVariables(model), config, options.seed ?? 0);
  return model;
}
