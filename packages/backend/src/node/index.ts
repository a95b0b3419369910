export type { BackendName } from './ladder.ts';
export { BACKENDS } from './ladder.ts';
export type { SelectBackendOptions, SelectedBackend, SkippedBackend } from './select-backend.ts';
export { selectBackend } from './select-backend.ts';
export type { InstalledTensorflow, TensorflowManifest } from './tensorflow/cache.ts';
export type { InstallOptions } from './tensorflow/install.ts';
export { installTensorflow } from './tensorflow/install.ts';
export type { TensorflowKind } from './tensorflow/recipe.ts';
export { removeTensorflow } from './tensorflow/remove.ts';
