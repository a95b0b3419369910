import { KdError } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { CifarResnetConfig } from './cifar-resnet/config.ts';
import type { MlpConfig } from './mlp/mlp.ts';
import type { MobileNetV2Config } from './mobilenet/config.ts';
import type { ResnetConfig } from './resnet/config.ts';
import type { DeitConfig } from './vit/deit-architecture.ts';
import type { VitConfig } from './vit/vit-architecture.ts';

/** What a model of this package was made with. It travels in the model's user-defined metadata. */
export type ModelConfig = MlpConfig | CifarResnetConfig | MobileNetV2Config | ResnetConfig | VitConfig | DeitConfig;

export function setModelConfig(model: LayersModel, config: ModelConfig): void {
  model.setUserDefinedMetadata({ ...model.getUserDefinedMetadata(), kd: config });
}

/**
 * What a model of this package was made with: architecture, sizes, class names.
 *
 * @throws {KdError} NOT_FOUND for a model that was made elsewhere
 *
 * @example
 * import { getModelConfig, mlp } from '@kd/models';
 * const model = mlp({ hiddenSizes: [4], classNames: ['cat', 'dog'] });
 * console.log(getModelConfig(model).classNames); // [ 'cat', 'dog' ]
 */
export function getModelConfig(model: LayersModel): ModelConfig {
  const config = (model.getUserDefinedMetadata() as { kd?: ModelConfig } | undefined)?.kd;
  if (!config) {
    throw new KdError('NOT_FOUND', `getModelConfig: model '${model.name}' was not made by @kd/models`, {
      name: model.name,
    });
  }
  return config;
}
