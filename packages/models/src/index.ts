export type { FromConfigOptions } from './architectures/from-config.ts';
export { fromConfig } from './architectures/from-config.ts';
export type { LoadPretrainedOptions } from './architectures/load-pretrained.ts';
export { loadPretrained } from './architectures/load-pretrained.ts';
export { toPretrained } from './architectures/to-pretrained.ts';
export { cifarResnet, resnet20, resnet32, resnet44, resnet56 } from './cifar-resnet/cifar-resnet.ts';
export type { CifarResnetConfig, CifarResnetOptions } from './cifar-resnet/config.ts';
export { countParameters } from './count-parameters.ts';
export { freeze } from './freeze.ts';
export type { BatchNormOptions } from './layers/batch-normalization.ts';
export type { MlpInitializer } from './mlp/initialize.ts';
export type { MlpConfig, MlpOptions } from './mlp/mlp.ts';
export { mlp } from './mlp/mlp.ts';
export type { MobileNetV2Config, MobileNetV2Options } from './mobilenet/config.ts';
export { mobileNetV2 } from './mobilenet/mobilenet-v2.ts';
export type { ModelCardOptions, ModelCardResult } from './model-card/model-card.ts';
export { modelCard } from './model-card/model-card.ts';
export type { ModelConfig } from './model-config.ts';
export { getModelConfig } from './model-config.ts';
export type { PreprocessorConfig } from './predict/preprocessor-config.ts';
export { getPreprocessorConfig, setPreprocessorConfig } from './predict/preprocessor-config.ts';
export type { Prediction, TopPredictionsOptions } from './predict/top-predictions.ts';
export { topPredictions } from './predict/top-predictions.ts';
export type { ReplaceHeadOptions } from './replace-head.ts';
export { replaceHead } from './replace-head.ts';
export type { ResnetConfig, ResnetOptions } from './resnet/config.ts';
export { resnet18, resnet34, resnet50, resnet101, resnet152 } from './resnet/presets.ts';
export { resnet } from './resnet/resnet.ts';
export { withTaps } from './taps.ts';
export type { EncoderOptions, Size } from './vit/config.ts';
export type { DeitOptions } from './vit/deit.ts';
export { deit } from './vit/deit.ts';
export type { DeitConfig } from './vit/deit-architecture.ts';
export {
  deitBase16,
  deitBaseDistilled16,
  deitSmall16,
  deitSmallDistilled16,
  deitTiny16,
  deitTinyDistilled16,
  vitBase16,
  vitBase32,
  vitLarge16,
  vitSmall16,
  vitTiny16,
} from './vit/presets.ts';
export { registerLayers } from './vit/register-layers.ts';
export { vit } from './vit/vit.ts';
export type { VitConfig } from './vit/vit-architecture.ts';
export type { ReadReport, ReadWeightsOptions } from './weights/read-weights.ts';
