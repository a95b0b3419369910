import type { Schedule } from './schedule.ts';
import { type WarmupOptions, warmedUp, warmupSettings } from './warmup.ts';

/**
 * The same rate throughout, after an optional rise from 0.
 *
 * @throws {KdError} INVALID_ARGUMENT if the warm-up is out of range
 *
 * Reference: get_constant_schedule and get_constant_schedule_with_warmup of transformers; rates agree.
 *
 * @example
 * import { constantSchedule } from '@kd/train';
 * const context = { learningRate: 1e-3, stepsPerEpoch: 10 };
 * console.log(constantSchedule({ warmupSteps: 4 }).factor(1, 100, context)); // 0.25
 */
export function constantSchedule(options: WarmupOptions = {}): Schedule {
  const warmup = warmupSettings('constantSchedule', options);
  return { name: 'constant', settings: { ...warmup }, factor: warmedUp(warmup, () => 1) };
}
