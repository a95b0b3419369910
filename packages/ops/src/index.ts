export type { AdamAttributes } from './adam-update.ts';
export { ADAM_KERNEL, adamUpdate } from './adam-update.ts';
export type { BatchNormTraining } from './batch-norm.ts';
export { batchNormInference, batchNormTraining } from './batch-norm.ts';
export { dropout } from './dropout.ts';
export type { HasWeights, NamedVariable } from './named-variables.ts';
export { namedVariables } from './named-variables.ts';
export { softTargetCrossEntropy } from './soft-target-cross-entropy.ts';
