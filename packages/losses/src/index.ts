export type { CrossEntropyOptions } from './cross-entropy.ts';
export { crossEntropy } from './cross-entropy.ts';
export type { DistillationOptions, DistillationReduction, DistillationTerms } from './distillation-loss.ts';
export { distillationLoss, distillationTerms } from './distillation-loss.ts';
export { distillationPresets } from './presets.ts';
export type { Reduction } from './reduce.ts';
