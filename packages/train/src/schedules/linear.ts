import type { Schedule } from './schedule.ts';
import { type WarmupOptions, warmedUp, warmupSettings } from './warmup.ts';

/**
 * Falls linearly to 0, after an optional rise from 0.
 *
 * `factor = step / warmup` before `warmup`, then `(total - step) / (total - warmup)`
 *
 * @throws {KdError} INVALID_ARGUMENT if the warm-up is out of range
 *
 * Reference: get_linear_schedule_with_warmup of transformers, the default of its Trainer; rates agree.
 *
 * @example
 * import { linearSchedule } from '@kd/train';
 * console.log(linearSchedule().factor(25, 100, { learningRate: 1e-3, stepsPerEpoch: 10 })); // 0.75
 */
export function linearSchedule(options: WarmupOptions = {}): Schedule {
  const warmup = warmupSettings('linearSchedule', options);
  return {
    name: 'linear',
    settings: { ...warmup },
    factor: warmedUp(warmup, (step, steps) => Math.max(0, (steps - step) / steps)),
  };
}
