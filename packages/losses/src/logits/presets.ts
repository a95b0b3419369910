import type { DistillationOptions } from './distillation-loss.ts';

/**
 * Options of `distillationLoss` as published recipes set them.
 *
 * - `hf-guide`: the Hugging Face guide on distilling image classifiers: T = 5, lambda = 0.5.
 * - `notebook`: the MNIST notebook after Hinton et al.: `KLDivLoss(mean over all elements) * (2 T^2 + a) + (1 - a) * CE`
 *   with T = 20, a = 0.7. Its mean divides by the classes too, so with 10 classes the soft term weighs
 *   `(2 T^2 + a) / 10 = 80.07` per 'batchmean'.
 *
 * @example
 * import { distillationPresets } from '@kd/losses';
 * console.log(distillationPresets['hf-guide'].temperature); // 5
 */
export const distillationPresets: Readonly<Record<'hf-guide' | 'notebook', Readonly<DistillationOptions>>> = {
  'hf-guide': { temperature: 5, lambda: 0.5 },
  notebook: {
    temperature: 20,
    softWeight: 2 * 20 ** 2 + 0.7,
    hardWeight: 1 - 0.7,
    scaleByTemperatureSquared: false,
    reduction: 'mean',
  },
};
