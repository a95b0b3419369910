import { KdError } from '@kd/core';

/** How the learning rate goes with training: a factor on the base rate. */
export interface Schedule {
  /** For logs and checkpoints. */
  readonly name: string;
  /** What else makes it what it is: a checkpoint continues only with the same. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Factor for one optimiser step, from 0. */
  factor(step: number, totalSteps: number): number;
  /** Told the metrics of an epoch; true if the rate drops because of them. */
  onEpochEnd?(metrics: Readonly<Record<string, number>>): boolean;
  /** What it remembers, for checkpoints. */
  state?(): Record<string, number>;
  restore?(state: Readonly<Record<string, number>>): void;
}

/**
 * The same rate throughout.
 *
 * @example
 * import { constantSchedule } from '@kd/train';
 * console.log(constantSchedule().factor(99, 100)); // 1
 */
export function constantSchedule(): Schedule {
  return { name: 'constant', factor: () => 1 };
}

export interface LinearScheduleOptions {
  /** Steps over which the rate first rises from 0, >= 0. @default 0 */
  warmupSteps?: number;
}

/**
 * Falls linearly to 0, after an optional rise from 0.
 *
 * `factor = step / warmup` before `warmup`, then `(total - step) / (total - warmup)`
 *
 * @throws {KdError} INVALID_ARGUMENT if warmupSteps is not an integer >= 0
 *
 * Reference: get_linear_schedule_with_warmup of transformers, the default of its Trainer; rates agree.
 *
 * @example
 * import { linearSchedule } from '@kd/train';
 * console.log(linearSchedule().factor(25, 100)); // 0.75
 */
export function linearSchedule({ warmupSteps = 0 }: LinearScheduleOptions = {}): Schedule {
  if (!Number.isInteger(warmupSteps) || warmupSteps < 0) {
    throw new KdError('INVALID_ARGUMENT', `linearSchedule: warmupSteps must be an integer >= 0, got ${warmupSteps}`, {
      warmupSteps,
    });
  }
  return {
    name: 'linear',
    settings: { warmupSteps },
    factor: (step, totalSteps) =>
      step < warmupSteps
        ? step / warmupSteps
        : Math.max(0, (totalSteps - step) / Math.max(1, totalSteps - warmupSteps)),
  };
}
