export type { CheckableModel, KernelCheck } from './check-kernels.ts';
export { checkKernels } from './check-kernels.ts';
export { completeTensorflow } from './tensorflow/install.ts';
export { completeWasm } from './wasm/install.ts';
export { completeWebgl } from './webgl/install.ts';
