import { KdError } from '@kd/core';
import type { EvalMetric } from '../loop/compute-metrics.ts';
import type { Callback } from './callback.ts';

/** @typeParam Metric - the metric's name */
export interface EarlyStoppingOptions<Metric extends string = EvalMetric<string>> {
  /** @default 'eval_loss' */
  metric?: Metric;
  /** Whether smaller or larger is better. @default 'min' */
  mode?: 'min' | 'max';
  /** Evaluations in a row without improvement after which training ends, >= 1. @default 1 */
  patience?: number;
  /** How much better than the best so far an evaluation must be to count as improvement, >= 0. @default 0 */
  threshold?: number;
}

/**
 * Ends training when a metric has stopped improving. It remembers the best value: one object for each run.
 *
 * As in transformers, a gain within the threshold does not count as improvement, and yet is what the next evaluation is
 * compared with.
 *
 * @throws {KdError} INVALID_ARGUMENT if patience is not an integer >= 1 or threshold is not >= 0; from `train` NOT_FOUND if
 *   evaluations have no such metric
 *
 * Reference: EarlyStoppingCallback of transformers.
 *
 * @example
 * import { earlyStopping } from '@kd/train';
 * console.log(earlyStopping({ metric: 'eval_accuracy', mode: 'max', patience: 3 }).name); // earlyStopping
 */
export function earlyStopping<Metric extends EvalMetric<string> = 'eval_loss'>(
  options: EarlyStoppingOptions<Metric> = {},
): Callback<NoInfer<Metric>> {
  const { metric = 'eval_loss' as Metric, mode = 'min', patience = 1, threshold = 0 } = options;
  if (!Number.isInteger(patience) || patience < 1) {
    throw new KdError('INVALID_ARGUMENT', `earlyStopping: patience must be an integer >= 1, got ${patience}`, {
      patience,
    });
  }
  if (!(threshold >= 0)) {
    throw new KdError('INVALID_ARGUMENT', `earlyStopping: threshold must be >= 0, got ${threshold}`, { threshold });
  }
  const sign = mode === 'min' ? -1 : 1;
  let best = -Infinity; // of sign * metric
  let badEvaluations = 0;
  return {
    name: 'earlyStopping',
    needs: [metric],
    onEvaluate(result, _info, control) {
      const value = result[metric]!;
      const gain = sign * value - best;
      badEvaluations = gain > threshold ? 0 : badEvaluations + 1;
      if (gain > 0) best = sign * value;
      if (badEvaluations >= patience) control.stop(`${metric} has not improved for ${badEvaluations} evaluations`);
    },
    state: () => ({ best, badEvaluations }),
    restore(state) {
      best = state.best!;
      badEvaluations = state.badEvaluations!;
    },
  };
}
