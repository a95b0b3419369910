import { KdError } from '@kd/core';
import type { Schedule } from './schedule.ts';
import { type WarmupOptions, warmedUp, warmupSettings } from './warmup.ts';

export interface CosineScheduleOptions extends WarmupOptions {
  /** Waves of the cosine, > 0: half a one falls to the lowest rate once. @default 0.5 */
  cycles?: number;
  /** Lowest rate, >= 0; a rate and not a factor. @default 0 */
  minLearningRate?: number;
}

/**
 * Falls along a cosine, after an optional rise from 0.
 *
 * `factor = low + (1 - low) (1 + cos(2 pi cycles progress)) / 2`, `low = minLearningRate / learningRate`
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Loshchilov and Hutter 2017, "SGDR"; get_cosine_schedule_with_warmup and
 * get_cosine_with_min_lr_schedule_with_warmup of transformers and CosineAnnealingLR of torch; rates agree.
 *
 * @example
 * import { cosineSchedule } from '@kd/train';
 * console.log(cosineSchedule().factor(50, 100, { learningRate: 1e-3, stepsPerEpoch: 10 }).toFixed(3)); // 0.500
 */
export function cosineSchedule({
  cycles = 0.5,
  minLearningRate = 0,
  ...options
}: CosineScheduleOptions = {}): Schedule {
  const warmup = warmupSettings('cosineSchedule', options);
  if (!(cycles > 0 && cycles < Infinity)) {
    throw new KdError('INVALID_ARGUMENT', `cosineSchedule: cycles must be > 0, got ${cycles}`, { cycles });
  }
  if (!(minLearningRate >= 0 && minLearningRate < Infinity)) {
    throw new KdError('INVALID_ARGUMENT', `cosineSchedule: minLearningRate must be >= 0, got ${minLearningRate}`, {
      minLearningRate,
    });
  }
  return {
    name: 'cosine',
    settings: { ...warmup, cycles, minLearningRate },
    factor: warmedUp(warmup, (step, steps, _, learningRate) => {
      const low = minLearningRate / learningRate;
      return Math.max(0, low + (1 - low) * 0.5 * (1 + Math.cos(2 * Math.PI * cycles * (step / steps))));
    }),
  };
}

export interface CosineWithRestartsScheduleOptions extends WarmupOptions {
  /** How often it falls, an integer >= 1. @default 1 */
  cycles?: number;
}

/**
 * Falls along half a cosine several times, starting anew at the full rate each time.
 *
 * `factor = (1 + cos(pi ((cycles progress) mod 1))) / 2`
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Loshchilov and Hutter 2017, "SGDR"; get_cosine_with_hard_restarts_schedule_with_warmup of transformers;
 * rates agree.
 *
 * @example
 * import { cosineWithRestartsSchedule } from '@kd/train';
 * const schedule = cosineWithRestartsSchedule({ cycles: 2 });
 * console.log(schedule.factor(50, 100, { learningRate: 1e-3, stepsPerEpoch: 10 })); // 1
 */
export function cosineWithRestartsSchedule({
  cycles = 1,
  ...options
}: CosineWithRestartsScheduleOptions = {}): Schedule {
  const warmup = warmupSettings('cosineWithRestartsSchedule', options);
  if (!Number.isInteger(cycles) || cycles < 1) {
    throw new KdError('INVALID_ARGUMENT', `cosineWithRestartsSchedule: cycles must be an integer >= 1, got ${cycles}`, {
      cycles,
    });
  }
  return {
    name: 'cosine_with_restarts',
    settings: { ...warmup, cycles },
    factor: warmedUp(warmup, (step, steps) =>
      step >= steps ? 0 : 0.5 * (1 + Math.cos(Math.PI * ((cycles * (step / steps)) % 1))),
    ),
  };
}
