import { KdError } from '@kd/core';
import type { Schedule } from './schedule.ts';
import { type WarmupOptions, warmedUp, warmupSettings } from './warmup.ts';

export interface InverseSqrtScheduleOptions extends WarmupOptions {
  /** Steps after which the rate is down to 1 / sqrt 2, > 0. @default the warm-up's steps, or 10 000 without a warm-up */
  timescale?: number;
}

/**
 * Falls with the square root of the steps, after an optional rise from 0. It has no end.
 *
 * `factor = 1 / sqrt(1 + (step - warmup) / timescale)`
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Vaswani et al. 2017, "Attention Is All You Need", 5.3; get_inverse_sqrt_schedule of transformers; rates agree.
 *
 * @example
 * import { inverseSqrtSchedule } from '@kd/train';
 * const schedule = inverseSqrtSchedule({ timescale: 100 });
 * console.log(schedule.factor(300, 1000, { learningRate: 1e-3, stepsPerEpoch: 10 })); // 0.5
 */
export function inverseSqrtSchedule({ timescale, ...options }: InverseSqrtScheduleOptions = {}): Schedule {
  const warmup = warmupSettings('inverseSqrtSchedule', options);
  if (timescale !== undefined && !(timescale > 0 && timescale < Infinity)) {
    throw new KdError('INVALID_ARGUMENT', `inverseSqrtSchedule: timescale must be > 0, got ${timescale}`, {
      timescale,
    });
  }
  return {
    name: 'inverse_sqrt',
    settings: { ...warmup, ...(timescale === undefined ? {} : { timescale }) },
    factor: warmedUp(
      warmup,
      (step, _, warmupSteps) => 1 / Math.sqrt(1 + step / (timescale ?? (warmupSteps || 10_000))),
    ),
  };
}
