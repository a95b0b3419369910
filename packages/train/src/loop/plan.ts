import type { IntervalStrategy, SaveStrategy, TrainOptions } from './train-options.ts';

/** How long a run is, and after which steps something is due, in whole steps. */
export interface TrainPlan {
  /** Epochs that are begun. */
  epochs: number;
  stepsPerEpoch: number;
  totalSteps: number;
  logging: IntervalStrategy;
  loggingSteps: number;
  loggingFirstStep: boolean;
  evaluation: IntervalStrategy;
  evalSteps: number;
  evalDelay: number;
  saving: SaveStrategy;
  saveSteps: number;
}

/** What is due at some moment of a run. */
export interface Due {
  log: boolean;
  evaluate: boolean;
  save: boolean;
}

export function makePlan(options: TrainOptions, batchesPerEpoch: number): TrainPlan {
  const { epochs = 1, maxSteps = -1, gradientAccumulationSteps = 1, validation } = options;
  const evaluation = options.evalStrategy ?? (validation ? 'epoch' : 'no');
  const { loggingSteps = 500, saveSteps = 500 } = options;
  const { evalSteps = evaluation === 'steps' ? loggingSteps : 500 } = options;
  const stepsPerEpoch = Math.ceil(batchesPerEpoch / gradientAccumulationSteps);
  const totalSteps = maxSteps > 0 ? maxSteps : epochs * stepsPerEpoch;
  const whole = (steps: number): number => (steps < 1 ? Math.ceil(totalSteps * steps) : steps);
  return {
    epochs: Math.ceil(totalSteps / stepsPerEpoch),
    stepsPerEpoch,
    totalSteps,
    logging: options.loggingStrategy ?? 'epoch',
    loggingSteps: whole(loggingSteps),
    loggingFirstStep: options.loggingFirstStep ?? false,
    evaluation,
    evalSteps: whole(evalSteps),
    evalDelay: options.evalDelay ?? 0,
    saving: options.saveStrategy ?? 'epoch',
    saveSteps: whole(saveSteps),
  };
}

/**
 * What is due after a step, from 1.
 *
 * Reference: `DefaultFlowCallback.on_step_end` of transformers.
 */
export function dueAfterStep(plan: TrainPlan, step: number): Due {
  const every = (strategy: SaveStrategy, steps: number): boolean => strategy === 'steps' && step % steps === 0;
  return {
    log: every(plan.logging, plan.loggingSteps) || (plan.loggingFirstStep && step === 1),
    evaluate: every(plan.evaluation, plan.evalSteps) && step >= plan.evalDelay,
    save: every(plan.saving, plan.saveSteps) || (plan.saving === 'steps' && step >= plan.totalSteps),
  };
}

/**
 * What is due at the end of an epoch, or where a run ends inside of one.
 *
 * @param epoch epochs done, a fraction inside of one
 *
 * Reference: `DefaultFlowCallback.on_epoch_end` of transformers.
 */
export function dueAtEpochEnd(plan: TrainPlan, epoch: number): Due {
  return {
    log: plan.logging === 'epoch',
    evaluate: plan.evaluation === 'epoch' && epoch >= plan.evalDelay,
    save: plan.saving === 'epoch',
  };
}
