import { KdError } from '@kd/core';
import { hardLoss } from './hard-loss.ts';
import type { Objective } from './objective.ts';

export interface ClassificationOptions {
  /** In [0, 1]. @default 0 */
  labelSmoothing?: number;
}

/**
 * Learn from the labels alone: mean cross-entropy, with the mixed labels of mixup and CutMix as well. For teachers and scratch baselines.
 *
 * @example
 * import { classification } from '@kd/train';
 * console.log(classification({ labelSmoothing: 0.1 }).name); // classification
 */
export function classification({ labelSmoothing = 0 }: ClassificationOptions = {}): Objective {
  return {
    name: 'classification',
    settings: { labelSmoothing },
    loss(input) {
      const loss = hardLoss(input, { labelSmoothing, reduction: 'mean' });
      if (loss) return { loss, parts: {} };
      throw new KdError('INVALID_DATA', 'classification: the batch has no labels; use distillation()');
    },
  };
}
