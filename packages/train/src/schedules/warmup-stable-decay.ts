import { KdError } from '@kd/core';
import type { Schedule } from './schedule.ts';
import { type WarmupOptions, warmupSettings } from './warmup.ts';

type Shape = 'linear' | 'cosine' | '1-sqrt';

export interface WarmupStableDecayScheduleOptions extends WarmupOptions {
  /** Steps of the fall, an integer >= 0. */
  decaySteps: number;
  /** Steps at the full rate, an integer >= 0. @default all that the warm-up and the decay leave */
  stableSteps?: number;
  /** @default 'linear' */
  warmupType?: Shape;
  /** @default 'cosine' */
  decayType?: Shape;
  /** The lowest rate, before the warm-up and after the decay, as a part of the base rate, in [0, 1]. @default 0 */
  minRatio?: number;
  /** Waves of the cosine, > 0. @default 0.5 */
  cycles?: number;
}

const RISE: Record<Shape, (progress: number) => number> = {
  linear: (progress) => progress,
  cosine: (progress) => 0.5 * (1 - Math.cos(Math.PI * progress)),
  '1-sqrt': (progress) => 1 - Math.sqrt(1 - progress),
};

const FALL: Record<Shape, (progress: number, cycles: number) => number> = {
  linear: (progress) => 1 - progress,
  cosine: (progress, cycles) => 0.5 * (1 + Math.cos(Math.PI * cycles * 2 * progress)),
  '1-sqrt': (progress) => 1 - Math.sqrt(progress),
};

/**
 * Rises, stays, and falls at the end: training can go on from before the fall.
 *
 * `factor = low + (1 - low) shape(progress)` in the warm-up and the decay, `low = minRatio`, 1 between, `low` after
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Hu et al. 2024, "MiniCPM", 4; get_wsd_schedule of transformers 4.57; rates agree.
 *
 * @example
 * import { warmupStableDecaySchedule } from '@kd/train';
 * const schedule = warmupStableDecaySchedule({ decaySteps: 20, decayType: 'linear' });
 * console.log(schedule.factor(90, 100, { learningRate: 1e-3, stepsPerEpoch: 10 })); // 0.5
 */
export function warmupStableDecaySchedule(options: WarmupStableDecayScheduleOptions): Schedule {
  const { decaySteps, stableSteps, warmupType = 'linear', decayType = 'cosine', minRatio = 0, cycles = 0.5 } = options;
  const warmup = warmupSettings('warmupStableDecaySchedule', options);
  const refuse = (name: string, range: string, value: unknown): never => {
    throw new KdError('INVALID_ARGUMENT', `warmupStableDecaySchedule: ${name} must be ${range}, got ${value}`, {
      [name]: value,
    });
  };
  for (const [name, value] of Object.entries({ decaySteps, stableSteps: stableSteps ?? 0 })) {
    if (!(Number.isInteger(value) && value >= 0)) refuse(name, 'an integer >= 0', value);
  }
  for (const [name, value] of Object.entries({ warmupType, decayType })) {
    if (!Object.hasOwn(RISE, value)) refuse(name, "'linear', 'cosine' or '1-sqrt'", value);
  }
  if (!(minRatio >= 0 && minRatio <= 1)) refuse('minRatio', 'in [0, 1]', minRatio);
  if (!(cycles > 0 && cycles < Infinity)) refuse('cycles', '> 0', cycles);
  const raised = (shape: number): number => Math.max(0, shape * (1 - minRatio) + minRatio);
  return {
    name: 'warmup_stable_decay',
    settings: { ...warmup, decaySteps, stableSteps: stableSteps ?? null, warmupType, decayType, minRatio, cycles },
    factor(step, totalSteps) {
      const rise = warmup.warmupSteps > 0 ? warmup.warmupSteps : Math.ceil(warmup.warmupRatio * totalSteps);
      if (step < rise) return raised(RISE[warmupType](step / rise));
      const decay = rise + (stableSteps ?? totalSteps - rise - decaySteps);
      if (step < decay) return 1;
      return step < decay + decaySteps ? raised(FALL[decayType]((step - decay) / decaySteps, cycles)) : minRatio;
    },
  };
}
