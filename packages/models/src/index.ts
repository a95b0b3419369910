export type { BatchNormOptions } from './layers/batch-normalization.ts';
export type { MlpInitializer } from './mlp/initialize.ts';
export type { MlpConfig, MlpOptions } from './mlp/mlp.ts';
export { mlp } from './mlp/mlp.ts';
export type { ModelConfig } from './model-config.ts';
export { getModelConfig } from './model-config.ts';
