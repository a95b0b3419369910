import { KdError } from '@kd/core';
import type { Callback } from './callback.ts';

export interface EarlyStoppingOptions {
  /** @default 'eval_loss' */
  metric?: string;
  /** Whether smaller or larger is better. @default 'min' */
  mode?: 'min' | 'max';
  /** Epochs in a row without improvement after which training ends, >= 1. @default 1 */
  patience?: number;
  /** How much better an epoch must be than the best so far, >= 0. @default 0 */
  threshold?: number;
}

/**
 * Ends training when a metric has stopped improving. It remembers the best value: one object for each run.
 *
 * @throws {KdError} INVALID_ARGUMENT if patience is not an integer >= 1; NOT_FOUND if an epoch has no such metric
 *
 * Reference: EarlyStoppingCallback of transformers.
 *
 * @example
 * import { earlyStopping } from '@kd/train';
 * console.log(earlyStopping({ metric: 'eval_accuracy', mode: 'max', patience: 3 }).name); // earlyStopping
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const { metric = 'eval_loss', mode = 'min', patience = 1, threshold = 0 } = options;
  if (!Number.isInteger(patience) || patience < 1) {
    throw new KdError('INVALID_ARGUMENT', `earlyStopping: patience must be an integer >= 1, got ${patience}`, {
      patience,
    });
  }
  const sign = mode === 'min' ? -1 : 1;
  let best = -Infinity; // of sign * metric
  let badEpochs = 0;
  return {
    name: 'earlyStopping',
    onEpochEnd(metrics, control) {
      const value = metrics[metric];
      if (typeof value !== 'number') {
        throw new KdError('NOT_FOUND', `earlyStopping: the epoch has no '${metric}'; give train() validation data`, {
          metric,
        });
      }
      if (best === -Infinity || sign * value > best + threshold) {
        best = sign * value;
        badEpochs = 0;
        return;
      }
      badEpochs += 1;
      if (badEpochs >= patience) control.stop(`${metric} has not improved for ${badEpochs} epochs`);
    },
    state: () => ({ best, badEpochs }),
    restore(state) {
      best = state.best!;
      badEpochs = state.badEpochs!;
    },
  };
}
