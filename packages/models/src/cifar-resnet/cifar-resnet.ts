import { namedVariables } from '@kd/ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkBackend } from '../check-backend.ts';
import { CIFAR_RESNET } from './architecture.ts';
import { type CifarResnetOptions, resolveCifarResnet } from './config.ts';

/**
 * A residual network for small images: a 3x3 convolution, three stages of basic blocks with 16, 32 and 64 channels, mean,
 * head. With 10 classes ResNet-20 has 269 722 parameters, ResNet-56 853 018 (the paper's 0.27 and 0.85 million);
 * 272 474 and 855 770 with convolutions as shortcuts.
 *
 * Input float32 [batch, height, width, channels] of any size, output float32 [batch, classes]. In training pass
 * `{ training: true }` to `apply`. Taps: `relu` (the stem), `layer1` to `layer3` (the stages), `avgpool`.
 *
 * Convolutions start as N(0, 2 / fan out), the head as U(-1 / sqrt(inputs), 1 / sqrt(inputs)).
 *
 * @returns a LayersModel; saved, it consists of TF.js' own layers
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: He et al. 2016, "Deep Residual Learning for Image Recognition", section 4.2; names of weights as in
 * torchvision, shortcuts by convolution as in HobbitLong/RepDistiller.
 *
 * @example
 * import { cifarResnet, countParameters } from '@kd/models';
 * const classNames = Array.from({ length: 10 }, (_, i) => `class ${i}`);
 * console.log(countParameters(cifarResnet({ classNames, depth: 20 }))); // 269722
 */
export function cifarResnet(options: CifarResnetOptions): LayersModel {
  const config = resolveCifarResnet(options);
  checkBackend('cifarResnet');
  const model = CIFAR_RESNET.build(config);
  CIFAR_RESNET.initialize(namedVariables(model), config, options.seed ?? 0);
  return model;
}

/** ResNet-20 for small images: 269 722 parameters with 10 classes. */
export const resnet20 = (options: CifarResnetOptions): LayersModel => cifarResnet({ depth: 20, ...options });

/** ResNet-32 for small images: 464 154 parameters with 10 classes. */
export const resnet32 = (options: CifarResnetOptions): LayersModel => cifarResnet({ depth: 32, ...options });

/** ResNet-44 for small images: 658 586 parameters with 10 classes. */
export const resnet44 = (options: CifarResnetOptions): LayersModel => cifarResnet({ depth: 44, ...options });

/** ResNet-56 for small images: 853 018 parameters with 10 classes. */
export const resnet56 = (options: CifarResnetOptions): LayersModel => cifarResnet({ depth: 56, ...options });
