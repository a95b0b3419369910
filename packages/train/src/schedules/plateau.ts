import { KdError } from '@kd/core';
import type { Schedule } from './schedule.ts';

export interface PlateauScheduleOptions {
  /** Which metric must improve. @default 'eval_loss' */
  metric?: string;
  /** Whether smaller or larger is better. @default 'min' */
  mode?: 'min' | 'max';
  /** What the rate is multiplied by, in (0, 1). @default 0.1 */
  factor?: number;
  /** Epochs without improvement that are still borne, >= 0. @default 10 */
  patience?: number;
  /** Smallest relative gain that counts as improvement, >= 0. @default 1e-4 */
  threshold?: number;
}

/**
 * Lowers the rate when a metric stops improving. It remembers the best value: one object for each run.
 *
 * @throws {KdError} INVALID_ARGUMENT if factor is out of range; NOT_FOUND if an epoch has no such metric
 *
 * Reference: torch.optim.lr_scheduler.ReduceLROnPlateau with threshold_mode 'rel'; rates agree.
 *
 * @example
 * import { plateauSchedule } from '@kd/train';
 * const schedule = plateauSchedule({ patience: 0 });
 * console.log([1, 2].map((loss) => schedule.onEpochEnd?.({ eval_loss: loss })), schedule.factor(0, 1)); // [ false, true ] 0.1
 */
export function plateauSchedule(options: PlateauScheduleOptions = {}): Schedule {
  const { metric = 'eval_loss', mode = 'min', factor = 0.1, patience = 10, threshold = 1e-4 } = options;
  if (!(factor > 0 && factor < 1)) {
    throw new KdError('INVALID_ARGUMENT', `plateauSchedule: factor must be in (0, 1), got ${factor}`, { factor });
  }
  let best = mode === 'min' ? Infinity : -Infinity;
  let badEpochs = 0;
  let current = 1;
  return {
    name: 'plateau',
    settings: { metric, mode, factor, patience, threshold },
    factor: () => current,
    onEpochEnd(metrics) {
      const value = metrics[metric];
      if (value === undefined) {
        throw new KdError(
          'NOT_FOUND',
          `plateauSchedule: the epoch has no '${metric}', it has ${Object.keys(metrics).join(', ')}; give train() validation data`,
          { metric },
        );
      }
      const better = mode === 'min' ? value < best * (1 - threshold) : value > best * (1 + threshold);
      if (better) {
        best = value;
        badEpochs = 0;
        return false;
      }
      badEpochs += 1;
      if (badEpochs <= patience) return false;
      badEpochs = 0;
      current *= factor;
      return true;
    },
    state: () => ({ best, badEpochs, current }),
    restore(state) {
      best = state.best!;
      badEpochs = state.badEpochs!;
      current = state.current!;
    },
  };
}
