import { KdError } from '@kd/core';
import type { Predictions } from './ask-loader.ts';

/** What `computeMetrics` is given: that of `@kd/metrics` takes it. */
export interface EvalPrediction {
  /** Logits, float32 [samples, classes], row-major, in the loader's order. */
  predictions: Float32Array;
  labels: Int32Array;
  ids: readonly (number | string)[];
  classes: number;
}

/** Makes metrics from a model's answers, such as `{ f1: 0.8 }`. */
export type ComputeMetrics<Name extends string = string> = (
  evaluation: EvalPrediction,
) => Readonly<Record<Name, number>>;

/** A metric's name in the log. */
export type Prefixed<Name extends string> = Name extends `eval_${string}` ? Name : `eval_${Name}`;

/** What an evaluation has, where `computeMetrics` computes `Name`. */
export type EvalMetric<Name extends string = never> = 'eval_loss' | 'eval_accuracy' | Prefixed<Name>;

const TAKEN = ['eval_loss', 'eval_runtime', 'eval_samples_per_second', 'eval_steps_per_second'];

/**
 * What `compute` makes of answers, by the names of the log. It may give an `accuracy` of its own.
 *
 * @throws {KdError} INVALID_DATA if something that it gives is no number, or has a name that is taken
 */
export function computedMetrics(
  compute: ComputeMetrics<string>,
  { logits, labels, ids, classes }: Predictions,
): Record<string, number> {
  const computed = compute({ predictions: logits, labels: labels!, ids, classes });
  const entries = Object.entries(computed).map(([name, value]): [string, number] => {
    const full = name.startsWith('eval_') ? name : `eval_${name}`;
    if (TAKEN.includes(full)) {
      throw new KdError('INVALID_DATA', `evaluate: computeMetrics cannot call a metric '${name}': the log has one`);
    }
    if (typeof value !== 'number') {
      throw new KdError(
        'INVALID_DATA',
        `evaluate: '${name}' of computeMetrics must be a number, got ${Array.isArray(value) ? 'an array' : typeof value}`,
      );
    }
    return [full, value];
  });
  return Object.fromEntries(entries);
}
