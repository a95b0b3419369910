import { KdError } from '@kd/core';
import type { EvalMetric } from '../loop/compute-metrics.ts';
import type { Schedule } from './schedule.ts';

/** @typeParam Metric - the metric's name */
export interface PlateauScheduleOptions<Metric extends string = EvalMetric<string>> {
  /** Which metric must improve. @default 'eval_loss' */
  metric?: Metric;
  /** Whether smaller or larger is better. @default 'min' */
  mode?: 'min' | 'max';
  /** What the rate is multiplied by, in (0, 1). @default 0.1 */
  factor?: number;
  /** Evaluations without improvement that are still borne, >= 0. @default 10 */
  patience?: number;
  /** Smallest gain that counts as improvement, >= 0. @default 1e-4 */
  threshold?: number;
  /** Whether the gain is relative to the best value or absolute. @default 'rel' */
  thresholdMode?: 'rel' | 'abs';
  /** Evaluations after a drop that do not count as without improvement, >= 0. @default 0 */
  cooldown?: number;
  /** Lowest rate, >= 0; a rate and not a factor. @default 0 */
  minLearningRate?: number;
}

/**
 * Lowers the rate when a metric stops improving, at evaluations: as many in an epoch as there are. It remembers the best value: one object for each run.
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range; from `train` NOT_FOUND if evaluations
 *   have no such metric
 *
 * Reference: torch.optim.lr_scheduler.ReduceLROnPlateau; rates agree.
 *
 * @example
 * import { plateauSchedule } from '@kd/train';
 * const schedule = plateauSchedule({ patience: 0 });
 * [1, 2].map((loss) => schedule.onEvaluate?.({ eval_loss: loss }));
 * console.log(schedule.factor(0, 1, { learningRate: 1e-3, stepsPerEpoch: 1 })); // 0.1
 */
export function plateauSchedule<Metric extends EvalMetric<string> = 'eval_loss'>(
  options: PlateauScheduleOptions<Metric> = {},
): Schedule<NoInfer<Metric>> {
  const { metric = 'eval_loss' as Metric, mode = 'min', factor = 0.1, patience = 10 } = options;
  const { threshold = 1e-4, thresholdMode = 'rel', cooldown = 0, minLearningRate = 0 } = options;
  if (!(factor > 0 && factor < 1)) {
    throw new KdError('INVALID_ARGUMENT', `plateauSchedule: factor must be in (0, 1), got ${factor}`, { factor });
  }
  for (const [name, value] of Object.entries({ patience, threshold, cooldown, minLearningRate })) {
    if (value >= 0) continue;
    throw new KdError('INVALID_ARGUMENT', `plateauSchedule: ${name} must be >= 0, got ${value}`, { [name]: value });
  }
  const better = (value: number): boolean => {
    const sign = mode === 'min' ? -1 : 1;
    const bar = thresholdMode === 'rel' ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === 'min' ? value < bar : value > bar;
  };
  let best = mode === 'min' ? Infinity : -Infinity;
  let badEvaluations = 0;
  let coolingDown = 0;
  let current = 1;
  return {
    name: 'plateau',
    needs: [metric],
    settings: { metric, mode, factor, patience, threshold, thresholdMode, cooldown, minLearningRate },
    factor: (_step, _totalSteps, { learningRate }) => Math.max(current, minLearningRate / learningRate),
    onEvaluate(metrics) {
      const value = metrics[metric];
      if (value === undefined) {
        throw new KdError(
          'NOT_FOUND',
          `plateauSchedule: the evaluation has no '${metric}', it has ${Object.keys(metrics).join(', ')}`,
          { metric },
        );
      }
      if (better(value)) {
        best = value;
        badEvaluations = 0;
      } else badEvaluations += 1;
      if (coolingDown > 0) {
        coolingDown -= 1;
        badEvaluations = 0;
      }
      if (badEvaluations <= patience) return false;
      badEvaluations = 0;
      coolingDown = cooldown;
      current *= factor;
      return true;
    },
    state: () => ({ best, badEvaluations, coolingDown, current }),
    restore(state) {
      best = state.best!;
      badEvaluations = state.badEvaluations!;
      coolingDown = state.coolingDown!;
      current = state.current!;
    },
  };
}
