import { KdError } from '@kd/core';
import { crossEntropy } from '@kd/losses';
import type { Objective } from './objective.ts';

export interface ClassificationOptions {
  /** In [0, 1]. @default 0 */
  labelSmoothing?: number;
}

/**
 * Learn from the labels alone: mean cross-entropy. For teachers and scratch baselines.
 *
 * @example
 * import { classification } from '@kd/train';
 * console.log(classification({ labelSmoothing: 0.1 }).name); // classification
 */
export function classification({ labelSmoothing = 0 }: ClassificationOptions = {}): Objective {
  return {
    name: 'classification',
    settings: { labelSmoothing },
    loss({ studentLogits, labels }) {
      if (!labels) throw new KdError('INVALID_DATA', 'classification: the batch has no labels; use distillation()');
      return { loss: crossEntropy(studentLogits, labels, { labelSmoothing, validateLabels: false }), parts: {} };
    },
  };
}
