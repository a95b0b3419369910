import { crossEntropy, softTargetCrossEntropy } from '@kd/losses';
import * as tf from '@tensorflow/tfjs-core';
import type { ObjectiveInput } from './objective.ts';

export interface HardLossOptions {
  labelSmoothing: number;
  reduction: 'mean' | 'sum';
  /** Samples with this label count for nothing. */
  ignoreIndex?: number;
}

/** Cross-entropy with whatever says what the samples are: labels, or shares of classes; undefined if nothing does. */
export function hardLoss(
  { studentLogits, labels, targets }: Pick<ObjectiveInput, 'studentLogits' | 'labels' | 'targets'>,
  options: HardLossOptions,
): tf.Scalar | undefined {
  if (labels) return crossEntropy(studentLogits, labels, { ...options, validateLabels: false });
  if (!targets) return undefined;
  const { labelSmoothing, reduction } = options;
  const classes = targets.shape[1];
  const smoothed =
    labelSmoothing === 0 ? targets : tf.add(tf.mul(targets, 1 - labelSmoothing), labelSmoothing / classes);
  return softTargetCrossEntropy(studentLogits, smoothed as tf.Tensor2D, undefined, { reduction });
}
