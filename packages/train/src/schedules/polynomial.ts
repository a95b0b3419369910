import { KdError } from '@kd/core';
import type { Schedule } from './schedule.ts';
import { type WarmupOptions, warmedUp, warmupSettings } from './warmup.ts';

export interface PolynomialScheduleOptions extends WarmupOptions {
  /** > 0. @default 1 */
  power?: number;
  /** The rate it ends with, >= 0 and below the base rate. @default 1e-7 */
  endLearningRate?: number;
}

/**
 * Falls along a power of what is left, after an optional rise from 0.
 *
 * `rate = end + (base - end) (1 - progress)^power`
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: get_polynomial_decay_schedule_with_warmup of transformers; rates agree.
 *
 * @example
 * import { polynomialSchedule } from '@kd/train';
 * const schedule = polynomialSchedule({ power: 2, endLearningRate: 0 });
 * console.log(schedule.factor(50, 100, { learningRate: 1e-3, stepsPerEpoch: 10 })); // 0.25
 */
export function polynomialSchedule({
  power = 1,
  endLearningRate = 1e-7,
  ...options
}: PolynomialScheduleOptions = {}): Schedule {
  const warmup = warmupSettings('polynomialSchedule', options);
  if (!(power > 0 && power < Infinity)) {
    throw new KdError('INVALID_ARGUMENT', `polynomialSchedule: power must be > 0, got ${power}`, { power });
  }
  if (!(endLearningRate >= 0 && endLearningRate < Infinity)) {
    throw new KdError('INVALID_ARGUMENT', `polynomialSchedule: endLearningRate must be >= 0, got ${endLearningRate}`, {
      endLearningRate,
    });
  }
  return {
    name: 'polynomial',
    settings: { ...warmup, power, endLearningRate },
    factor: warmedUp(warmup, (step, steps, _, learningRate) => {
      if (endLearningRate >= learningRate) {
        throw new KdError(
          'INVALID_ARGUMENT',
          `polynomialSchedule: endLearningRate ${endLearningRate} must be below the base rate ${learningRate}`,
          { endLearningRate, learningRate },
        );
      }
      const left = Math.max(0, 1 - step / steps) ** power;
      return (endLearningRate + (learningRate - endLearningRate) * left) / learningRate;
    }),
  };
}
