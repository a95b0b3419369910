import { KdError } from '@kd/core';
import type { Schedule } from './schedule.ts';

export interface WarmupOptions {
  /** Steps over which the rate first rises linearly from 0, an integer >= 0. @default 0 */
  warmupSteps?: number;
  /** The same as a part of all steps, in [0, 1], rounded up; `warmupSteps` goes before it. @default 0 */
  warmupRatio?: number;
}

/** The checked options, as settings of a schedule. */
export function warmupSettings(
  where: string,
  { warmupSteps = 0, warmupRatio = 0 }: WarmupOptions,
): Required<WarmupOptions> {
  if (!Number.isInteger(warmupSteps) || warmupSteps < 0) {
    throw new KdError('INVALID_ARGUMENT', `${where}: warmupSteps must be an integer >= 0, got ${warmupSteps}`, {
      warmupSteps,
    });
  }
  if (!(warmupRatio >= 0 && warmupRatio <= 1)) {
    throw new KdError('INVALID_ARGUMENT', `${where}: warmupRatio must be in [0, 1], got ${warmupRatio}`, {
      warmupRatio,
    });
  }
  return { warmupSteps, warmupRatio };
}

/**
 * A linear rise, then what `after` says of the steps behind it.
 *
 * @param after gets steps since the warm-up ended, how many there are, and the number of warm-up steps
 */
export function warmedUp(
  { warmupSteps, warmupRatio }: Required<WarmupOptions>,
  after: (step: number, steps: number, warmup: number, learningRate: number) => number,
): Schedule['factor'] {
  return (step, totalSteps, { learningRate }) => {
    const warmup = warmupSteps > 0 ? warmupSteps : Math.ceil(warmupRatio * totalSteps);
    return step < warmup ? step / warmup : after(step - warmup, Math.max(1, totalSteps - warmup), warmup, learningRate);
  };
}
