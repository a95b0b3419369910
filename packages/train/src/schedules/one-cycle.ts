import { KdError } from '@kd/core';
import type { Schedule } from './schedule.ts';

export interface OneCycleScheduleOptions {
  /** Part of all steps in which the rate rises, in (0, 1); at most a half with three phases. @default 0.3 */
  pctStart?: number;
  /** @default 'cos' */
  annealStrategy?: 'cos' | 'linear';
  /** The first rate is the base rate divided by this, >= 1. @default 25 */
  divFactor?: number;
  /** The last rate is the first one divided by this, >= 1. @default 1e4 */
  finalDivFactor?: number;
  /** Fall as long as it rose, to the first rate, and only then to the last. @default false */
  threePhase?: boolean;
}

/**
 * One rise to the base rate and one fall to almost nothing.
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Smith and Topin 2018, "Super-Convergence"; torch.optim.lr_scheduler.OneCycleLR with max_lr as the base rate;
 * rates agree.
 *
 * @example
 * import { oneCycleSchedule } from '@kd/train';
 * console.log(oneCycleSchedule().factor(0, 100, { learningRate: 1e-3, stepsPerEpoch: 10 }).toFixed(3)); // 0.040
 */
export function oneCycleSchedule({
  pctStart = 0.3,
  annealStrategy = 'cos',
  divFactor = 25,
  finalDivFactor = 1e4,
  threePhase = false,
}: OneCycleScheduleOptions = {}): Schedule {
  const refuse = (name: string, range: string, value: unknown): never => {
    throw new KdError('INVALID_ARGUMENT', `oneCycleSchedule: ${name} must be ${range}, got ${value}`, {
      [name]: value,
    });
  };
  const most = threePhase ? 0.5 : 1;
  if (!(pctStart > 0 && (threePhase ? pctStart <= most : pctStart < most))) {
    refuse('pctStart', threePhase ? 'in (0, 0.5] with three phases' : 'in (0, 1)', pctStart);
  }
  if (!(divFactor >= 1 && divFactor < Infinity)) refuse('divFactor', '>= 1', divFactor);
  if (!(finalDivFactor >= 1 && finalDivFactor < Infinity)) refuse('finalDivFactor', '>= 1', finalDivFactor);

  const first = 1 / divFactor;
  const last = first / finalDivFactor;
  const between = (from: number, to: number, part: number): number =>
    annealStrategy === 'cos' ? to + ((from - to) / 2) * (1 + Math.cos(Math.PI * part)) : from + (to - from) * part;
  return {
    name: 'one_cycle',
    settings: { pctStart, annealStrategy, divFactor, finalDivFactor, threePhase },
    factor(step, totalSteps) {
      const end = totalSteps - 1;
      const top = pctStart * totalSteps - 1;
      const phases: [begin: number, end: number, from: number, to: number][] = threePhase
        ? [
            [0, top, first, 1],
            [top, 2 * top, 1, first],
            [2 * top, end, first, last],
          ]
        : [
            [0, top, first, 1],
            [top, end, 1, last],
          ];
      const [begin, until, from, to] = phases.find(([, until]) => step <= until) ?? phases.at(-1)!;
      return between(from, to, until > begin ? Math.min(1, (step - begin) / (until - begin)) : 1);
    },
  };
}
