import { KdError } from '@kd/core';
import type { Schedule, ScheduleContext } from './schedule.ts';

interface Counted {
  /** What the rate is multiplied by each time, in (0, 1]. @default 0.1 */
  gamma?: number;
  /** What is counted: whole epochs, as torch's schedules usually are stepped, or optimiser steps. @default 'epoch' */
  unit?: 'epoch' | 'step';
}

export interface StepScheduleOptions extends Counted {
  /** Epochs (or steps) between two drops, an integer >= 1. */
  stepSize: number;
}

export interface MultiStepScheduleOptions extends Counted {
  /** Epochs (or steps) at which the rate drops, integers >= 1, rising. */
  milestones: readonly number[];
}

function checkGamma(where: string, gamma: number): void {
  if (gamma > 0 && gamma <= 1) return;
  throw new KdError('INVALID_ARGUMENT', `${where}: gamma must be in (0, 1], got ${gamma}`, { gamma });
}

function checkCount(where: string, name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new KdError('INVALID_ARGUMENT', `${where}: ${name} must be an integer >= 1, got ${value}`, { [name]: value });
}

const counted = (unit: 'epoch' | 'step', step: number, { stepsPerEpoch }: ScheduleContext): number =>
  unit === 'step' ? step : Math.floor(step / stepsPerEpoch);

/**
 * Multiplies the rate by `gamma` every `stepSize` epochs.
 *
 * `factor = gamma^floor(epoch / stepSize)`
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: torch.optim.lr_scheduler.StepLR, and with `stepSize` 1 ExponentialLR; rates agree.
 *
 * @example
 * import { stepSchedule } from '@kd/train';
 * const schedule = stepSchedule({ stepSize: 30 });
 * console.log(schedule.factor(305, 1000, { learningRate: 1e-3, stepsPerEpoch: 10 })); // 0.1
 */
export function stepSchedule({ stepSize, gamma = 0.1, unit = 'epoch' }: StepScheduleOptions): Schedule {
  checkCount('stepSchedule', 'stepSize', stepSize);
  checkGamma('stepSchedule', gamma);
  return {
    name: 'step',
    settings: { stepSize, gamma, unit },
    factor: (step, _, context) => gamma ** Math.floor(counted(unit, step, context) / stepSize),
  };
}

/**
 * Multiplies the rate by `gamma` at each of the given epochs.
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: torch.optim.lr_scheduler.MultiStepLR; rates agree.
 *
 * @example
 * import { multiStepSchedule } from '@kd/train';
 * const schedule = multiStepSchedule({ milestones: [150, 180] });
 * console.log(schedule.factor(1600, 2400, { learningRate: 0.1, stepsPerEpoch: 10 })); // 0.1
 */
export function multiStepSchedule({ milestones, gamma = 0.1, unit = 'epoch' }: MultiStepScheduleOptions): Schedule {
  milestones.forEach((milestone, i) => {
    checkCount('multiStepSchedule', `milestones[${i}]`, milestone);
    if (i > 0 && milestone <= milestones[i - 1]!) {
      throw new KdError('INVALID_ARGUMENT', `multiStepSchedule: milestones must rise, got ${milestones.join(', ')}`, {
        milestones,
      });
    }
  });
  checkGamma('multiStepSchedule', gamma);
  return {
    name: 'multistep',
    settings: { milestones: [...milestones], gamma, unit },
    factor: (step, _, context) => {
      const at = counted(unit, step, context);
      return gamma ** milestones.filter((milestone) => at >= milestone).length;
    },
  };
}
