export type { Reduction } from './internal/reduce.ts';
export type { SampleOptions } from './internal/samples.ts';
export type { CrossEntropyOptions, LabelOptions } from './logits/cross-entropy.ts';
export { crossEntropy } from './logits/cross-entropy.ts';
export type { DistillationOptions, DistillationReduction, DistillationTerms } from './logits/distillation-loss.ts';
export { distillationLoss, distillationTerms } from './logits/distillation-loss.ts';
export type { KlDivergenceOptions } from './logits/kl-divergence-loss.ts';
export { klDivergenceLoss } from './logits/kl-divergence-loss.ts';
export { distillationPresets } from './logits/presets.ts';
