import { KdError } from '@kd/core';
import { constantSchedule } from '../schedules/constant.ts';
import { cosineSchedule, cosineWithRestartsSchedule } from '../schedules/cosine.ts';
import { cosineWarmupSchedule } from '../schedules/cosine-warmup.ts';
import { inverseSqrtSchedule } from '../schedules/inverse-sqrt.ts';
import { linearSchedule } from '../schedules/linear.ts';
import { oneCycleSchedule } from '../schedules/one-cycle.ts';
import { plateauSchedule } from '../schedules/plateau.ts';
import { polynomialSchedule } from '../schedules/polynomial.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { multiStepSchedule, stepSchedule } from '../schedules/step.ts';
import { warmupStableDecaySchedule } from '../schedules/warmup-stable-decay.ts';
import { metricName } from './metric-name.ts';
import type { LrSchedulerKwargs, ResolvedArguments, SchedulerName } from './training-arguments.ts';

type Kwarg = keyof LrSchedulerKwargs;

/** What each type takes, and of these what it needs. */
const TAKES: Record<SchedulerName, { kwargs: readonly Kwarg[]; needs?: readonly Kwarg[] }> = {
  linear: { kwargs: [] },
  cosine: { kwargs: ['numCycles'] },
  cosine_with_restarts: { kwargs: ['numCycles'] },
  polynomial: { kwargs: ['power', 'lrEnd'] },
  constant: { kwargs: [] },
  constant_with_warmup: { kwargs: [] },
  inverse_sqrt: { kwargs: ['timescale'] },
  reduce_lr_on_plateau: {
    kwargs: ['mode', 'factor', 'patience', 'threshold', 'thresholdMode', 'cooldown', 'minLr'],
  },
  cosine_with_min_lr: { kwargs: ['numCycles', 'minLr', 'minLrRate'] },
  cosine_warmup_with_min_lr: { kwargs: ['numCycles', 'minLr', 'minLrRate', 'warmupLrRate'] },
  warmup_stable_decay: {
    kwargs: ['numDecaySteps', 'numStableSteps', 'warmupType', 'decayType', 'minLrRatio', 'numCycles'],
    needs: ['numDecaySteps'],
  },
  step: { kwargs: ['stepSize', 'gamma'], needs: ['stepSize'] },
  multistep: { kwargs: ['milestones', 'gamma'], needs: ['milestones'] },
  one_cycle: { kwargs: ['pctStart', 'annealStrategy', 'divFactor', 'finalDivFactor', 'threePhase'] },
};

function checkKwargs(caller: string, { lrSchedulerType: type, lrSchedulerKwargs: kwargs }: ResolvedArguments): void {
  const { kwargs: takes, needs = [] } = TAKES[type];
  const refuse = (problem: string): never => {
    const list = takes.length > 0 ? `it takes ${takes.join(', ')}` : 'it takes none';
    throw new KdError('INVALID_ARGUMENT', `${caller}: lrSchedulerKwargs of '${type}': ${problem}; ${list}`, {
      lrSchedulerKwargs: kwargs,
    });
  };
  for (const name of Object.keys(kwargs)) if (!takes.includes(name as Kwarg)) refuse(`there is no '${name}'`);
  for (const name of needs) if (kwargs[name] === undefined) refuse(`'${name}' is missing`);
  if (!type.endsWith('_min_lr')) return;
  if ((kwargs.minLr === undefined) === (kwargs.minLrRate === undefined)) refuse('one of minLr and minLrRate is needed');
}

/** Without what was not given: a default is the schedule's own. */
const given = <Options extends object>(
  options: Options,
): { [Name in keyof Options]?: Exclude<Options[Name], undefined> } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;

/**
 * The schedule that `lrSchedulerType` names.
 *
 * Reference: get_scheduler of transformers 4.57.
 */
export function scheduleOf(caller: string, args: ResolvedArguments): Schedule {
  checkKwargs(caller, args);
  const { lrSchedulerKwargs: kwargs, warmupSteps, warmupRatio, learningRate } = args;
  const warmup = { warmupSteps, warmupRatio };
  const cosine = { ...warmup, cycles: kwargs.numCycles };
  const minLearningRate = kwargs.minLr ?? (kwargs.minLrRate ?? 0) * learningRate;
  switch (args.lrSchedulerType) {
    case 'linear':
      return linearSchedule(warmup);
    case 'cosine':
      return cosineSchedule(given(cosine));
    case 'cosine_with_restarts':
      return cosineWithRestartsSchedule(given(cosine));
    case 'polynomial':
      return polynomialSchedule(given({ ...warmup, power: kwargs.power, endLearningRate: kwargs.lrEnd }));
    case 'constant':
      return constantSchedule(); // without a warm-up, whatever the arguments say
    case 'constant_with_warmup':
      return constantSchedule(warmup);
    case 'inverse_sqrt':
      return inverseSqrtSchedule(given({ ...warmup, timescale: kwargs.timescale }));
    case 'reduce_lr_on_plateau': {
      const {
        mode = args.greaterIsBetter ? 'max' : 'min',
        factor,
        patience,
        threshold,
        thresholdMode,
        cooldown,
      } = kwargs;
      const own = given({ factor, patience, threshold, thresholdMode, cooldown });
      return plateauSchedule({ metric: metricName(args.metricForBestModel!), mode, minLearningRate, ...own });
    }
    case 'cosine_with_min_lr':
      return cosineSchedule(given({ ...cosine, minLearningRate }));
    case 'cosine_warmup_with_min_lr':
      return cosineWarmupSchedule(given({ ...cosine, minLearningRate, warmupStart: kwargs.warmupLrRate }));
    case 'warmup_stable_decay': {
      const { numStableSteps: stableSteps, minLrRatio: minRatio, warmupType, decayType } = kwargs;
      const own = given({ ...cosine, stableSteps, minRatio, warmupType, decayType });
      return warmupStableDecaySchedule({ ...own, decaySteps: kwargs.numDecaySteps! });
    }
    case 'step':
      return stepSchedule({ stepSize: kwargs.stepSize!, ...given({ gamma: kwargs.gamma }) });
    case 'multistep':
      return multiStepSchedule({ milestones: kwargs.milestones!, ...given({ gamma: kwargs.gamma }) });
    case 'one_cycle':
      return oneCycleSchedule(
        given({
          pctStart: kwargs.pctStart,
          annealStrategy: kwargs.annealStrategy,
          divFactor: kwargs.divFactor,
          finalDivFactor: kwargs.finalDivFactor,
          threePhase: kwargs.threePhase,
        }),
      );
  }
}
