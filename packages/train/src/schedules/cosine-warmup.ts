import { KdError } from '@kd/core';
import type { Schedule } from './schedule.ts';
import { type WarmupOptions, warmupSettings } from './warmup.ts';

export interface CosineWarmupScheduleOptions extends WarmupOptions {
  /** Waves of the cosine, > 0. @default 0.5 */
  cycles?: number;
  /** Lowest rate, >= 0; a rate and not a factor. @default 0 */
  minLearningRate?: number;
  /** Where the rise begins, as a part of the base rate, in [0, 1]. @default 1 / steps of the warm-up */
  warmupStart?: number;
}

/**
 * `cosineSchedule` with a warm-up that does not begin with a rate of 0, and one step ahead of it: the last step has the
 * lowest rate.
 *
 * `factor = start + (1 - start) step / (warmup - 1)` before `warmup`, then `low + (1 - low) (1 + cos(2 pi cycles progress)) / 2`
 * with `progress = (step - warmup + 1) / (total - warmup)`
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: get_cosine_with_min_lr_schedule_with_warmup_lr_rate of transformers 4.57; rates agree.
 *
 * @example
 * import { cosineWarmupSchedule } from '@kd/train';
 * const schedule = cosineWarmupSchedule({ warmupSteps: 10 });
 * console.log(schedule.factor(0, 100, { learningRate: 1e-3, stepsPerEpoch: 10 })); // 0.1
 */
export function cosineWarmupSchedule(options: CosineWarmupScheduleOptions = {}): Schedule {
  const { cycles = 0.5, minLearningRate = 0, warmupStart } = options;
  const warmup = warmupSettings('cosineWarmupSchedule', options);
  const refuse = (name: string, range: string, value: unknown): never => {
    throw new KdError('INVALID_ARGUMENT', `cosineWarmupSchedule: ${name} must be ${range}, got ${value}`, {
      [name]: value,
    });
  };
  if (!(cycles > 0 && cycles < Infinity)) refuse('cycles', '> 0', cycles);
  if (!(minLearningRate >= 0 && minLearningRate < Infinity)) refuse('minLearningRate', '>= 0', minLearningRate);
  if (warmupStart !== undefined && !(warmupStart >= 0 && warmupStart <= 1))
    refuse('warmupStart', 'in [0, 1]', warmupStart);
  return {
    name: 'cosine_warmup',
    settings: { ...warmup, cycles, minLearningRate, warmupStart: warmupStart ?? null },
    factor(step, totalSteps, { learningRate }) {
      const rise = warmup.warmupSteps > 0 ? warmup.warmupSteps : Math.ceil(warmup.warmupRatio * totalSteps);
      if (step < rise) {
        if (warmupStart === undefined) return (step + 1) / rise;
        return warmupStart + ((1 - warmupStart) * step) / Math.max(1, rise - 1);
      }
      const progress = (step - rise + 1) / Math.max(1, totalSteps - rise);
      const low = minLearningRate / learningRate;
      return Math.max(0, low + (1 - low) * 0.5 * (1 + Math.cos(2 * Math.PI * cycles * progress)));
    },
  };
}
