import { basename, join, resolve } from 'node:path';
import { KdError } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainSettings } from '../../arguments/train-settings.ts';
import type { ResolvedArguments } from '../../arguments/training-arguments.ts';
import type { Callback } from '../../callbacks/callback.ts';
import { classNamesOf } from '../../labels/model-labels.ts';
import { makePlan } from '../../loop/plan.ts';
import type { TrainOptions } from '../../loop/train-options.ts';
import { hubPush } from '../hub-push/hub-push.ts';
import { metricsJsonl } from '../jsonl.ts';
import { tensorBoard } from '../tensorboard/tensor-board.ts';
import { saveStudent } from './model-files.ts';

/** What the callbacks of a run are made from. */
export interface LoggersOptions {
  args: ResolvedArguments;
  settings: TrainSettings;
  /** In an epoch. */
  batches: number;
  /** That is trained. */
  model: LayersModel;
  /** Of the Hub. */
  token: string | undefined;
  onWarning: (message: string) => void;
}

/** The callbacks that arguments ask for: metrics.jsonl in any case, TensorBoard and the Hub if they say so. */
export function loggers(caller: string, options: LoggersOptions): Callback[] {
  const { args, settings, batches } = options;
  const { loggingSteps } = makePlan(settings as TrainOptions, batches);
  return [
    metricsJsonl(join(args.outputDir, 'metrics.jsonl')),
    ...(args.reportTo.includes('tensorboard')
      ? [tensorBoard(args.loggingDir, { loggingSteps, config: { ...args } })]
      : []),
    ...(args.pushToHub ? [pushing(caller, options)] : []),
  ];
}

/** The repository is called like the run's folder unless `hubModelId` says otherwise. */
function pushing(caller: string, { args, model, token, onWarning }: LoggersOptions): Callback {
  if (!classNamesOf(model)) {
    throw new KdError('UNSUPPORTED', `${caller}: pushToHub takes a model of @kd/models, '${model.name}' is none`);
  }
  return hubPush({
    repository: args.hubModelId ?? basename(resolve(args.outputDir)),
    student: (folder) => saveStudent(caller, model, folder),
    strategy: args.hubStrategy,
    onWarning,
    ...(token === undefined ? {} : { token }),
    ...(args.hubPrivateRepo === null ? {} : { private: args.hubPrivateRepo }),
  });
}
