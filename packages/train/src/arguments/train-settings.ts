import { earlyStopping } from '../callbacks/early-stopping.ts';
import type { TrainOptions } from '../loop/train-options.ts';
import { metricName } from './metric-name.ts';
import { optimizerOf } from './optimizer-of.ts';
import { scheduleOf } from './schedule-of.ts';
import type { ResolvedArguments } from './training-arguments.ts';

/** What of `train`'s options follows from arguments. */
export type TrainSettings = Omit<
  TrainOptions,
  'model' | 'objective' | 'train' | 'validation' | 'callbacks' | 'engine' | 'checkpoints' | 'resume' | 'signal'
> &
  Required<Pick<TrainOptions, 'optimizer' | 'callbacks'>>;

/**
 * `train`'s options, by arguments.
 *
 * @param batchesPerEpoch of the training data: half an epoch is a number of steps
 */
export function trainSettings(caller: string, args: ResolvedArguments, batchesPerEpoch: number): TrainSettings {
  const { numTrainEpochs, gradientAccumulationSteps, maxGradNorm, metricForBestModel, earlyStoppingPatience } = args;
  const stepsPerEpoch = Math.ceil(batchesPerEpoch / gradientAccumulationSteps);
  const best = metricForBestModel === null ? undefined : metricName(metricForBestModel);
  const mode = args.greaterIsBetter ? ('max' as const) : ('min' as const);
  const partOfEpoch = args.maxSteps < 0 && !Number.isInteger(numTrainEpochs);
  return {
    epochs: Math.ceil(numTrainEpochs),
    maxSteps: partOfEpoch ? Math.ceil(numTrainEpochs * stepsPerEpoch) : args.maxSteps,
    optimizer: optimizerOf(args),
    learningRate: args.learningRate,
    schedule: scheduleOf(caller, args),
    gradientAccumulationSteps,
    ...(maxGradNorm > 0 ? { maxGradNorm } : {}),
    seed: args.seed,
    loggingStrategy: args.loggingStrategy,
    loggingSteps: args.loggingSteps,
    loggingFirstStep: args.loggingFirstStep,
    evalStrategy: args.evalStrategy,
    ...(args.evalSteps === null ? {} : { evalSteps: args.evalSteps }),
    evalDelay: args.evalDelay,
    saveStrategy: args.saveStrategy,
    saveSteps: args.saveSteps,
    ...(args.loadBestModelAtEnd && best ? { selectBest: { metric: best, mode } } : {}),
    callbacks:
      earlyStoppingPatience === null || best === undefined
        ? []
        : [
            earlyStopping({
              metric: best,
              mode,
              patience: earlyStoppingPatience,
              threshold: args.earlyStoppingThreshold,
            }),
          ],
  };
}
