import { join } from 'node:path';
import { emitWarning } from '@kd/core/node';
import { resolveArguments } from '../../arguments/resolve-arguments.ts';
import { trainSettings } from '../../arguments/train-settings.ts';
import type { ResolvedArguments, TrainingArguments } from '../../arguments/training-arguments.ts';
import type { Callback } from '../../callbacks/callback.ts';
import { inheritLabels } from '../../labels/model-labels.ts';
import { train } from '../../loop/train.ts';
import type { TrainOptions } from '../../loop/train-options.ts';
import type { TrainResult } from '../../loop/train-result.ts';
import type { Objective } from '../../objectives/objective.ts';
import { checkpointFolder } from '../checkpoint-folder.ts';
import { checkData } from './data.ts';
import { describeRun } from './describe-run.ts';
import { asDiskError } from './disk-error.ts';
import { finalMetrics } from './final-metrics.ts';
import { loggers } from './loggers.ts';
import { checkpointFiles, saveLayersModel, saveStudent } from './model-files.ts';
import { checkGivenAgain, TRAINER_NAMES, type TrainerOptions } from './options.ts';
import { type PrepareOptions, prepareData, withLoaders } from './prepare-data.ts';
import { resuming } from './resuming.ts';
import { writeRunConfig } from './run-config.ts';

/** What `distill` and `fineTune` give: `train`'s result, and the scores of the final model by Hugging Face's names. */
export interface TrainerResult extends TrainResult {
  /** The run's folder. */
  outputDir: string;
  /**
   * Folder of the final model, unless `saveStrategy` is 'no': for `fromPretrained` of `@kd/models/node`, or for its `loadModel`
   * if the model is none of that package.
   */
  model?: string;
  /** What was left aside or taken for granted. */
  warnings: string[];
  /** `eval_loss`, `eval_accuracy` … of the final model on `validation`, `test_loss` … on `test`. */
  [metric: `eval_${string}` | `test_${string}`]: number;
}

/** What the two functions differ in. */
export interface TrainerTask extends PrepareOptions {
  /** Folder of the final model in the run's. */
  saveAs: string;
  /** Names of options of its own, and those of them that go to config.json. */
  ownNames: readonly string[];
  keptNames: readonly string[];
  objective(run: OpenRun): Objective;
}

/** What is known when the objective is made. */
interface OpenRun {
  args: ResolvedArguments;
  classNames: readonly string[];
  onWarning: (message: string) => void;
}

/** Collects what is said, each once, and passes it on. */
function collector(tell: OpenRun['onWarning'] = emitWarning): {
  warnings: string[];
  onWarning: (message: string) => void;
} {
  const warnings: string[] = [];
  return {
    warnings,
    onWarning(message) {
      if (warnings.includes(message)) return;
      warnings.push(message);
      tell(message);
    },
  };
}

/** The arguments, once they, the data and the classes of the model have been looked at. */
function checkRun(
  { caller, model, ownNames }: TrainerTask,
  options: TrainerOptions,
  onWarning: OpenRun['onWarning'],
): OpenRun {
  checkGivenAgain(caller, options);
  const args = resolveArguments(options as TrainingArguments, {
    caller,
    validation: options.validation !== undefined,
    otherNames: [...TRAINER_NAMES, ...ownNames],
    onWarning,
  });
  checkData(caller, 'train', options.train);
  for (const name of ['validation', 'test'] as const) if (options[name]) checkData(caller, name, options[name]);
  const { classNames } = options.train;
  if (inheritLabels(caller, model, classNames)) {
    onWarning(`${caller}: the classes of the model had no names; they are ${classNames.join(', ')} now`);
  }
  return { args: withLoaders(caller, options, args), classNames, onWarning };
}

/** A whole run in its folder: arguments, data, checks, training, logs, checkpoints, the final model and its scores. */
export async function runTrainer(task: TrainerTask, options: TrainerOptions): Promise<TrainerResult> {
  const { caller, model } = task;
  const { warnings, onWarning } = collector(options.onWarning);
  const run = checkRun(task, options, onWarning);
  const { args } = run;
  const { outputDir, resumeFromCheckpoint: from } = args;
  const prepared = await prepareData(task, options, args);
  const { loaders, processor } = prepared;
  const objective = task.objective(run);
  const evaluates = args.evalStrategy !== 'no';
  const batches = Math.min(loaders.train.length, options.maxBatchesPerEpoch ?? Infinity);
  const settings = trainSettings(caller, args, batches);
  const keep = args.saveTotalLimit ?? Infinity;
  const store = checkpointFolder(outputDir, { keep, files: await checkpointFiles(caller, model, args, processor) });
  let checkpoint: string | undefined;
  const journal: Callback = {
    async onTrainBegin({ engine }) {
      await writeRunConfig(
        outputDir,
        await describeRun(task, { options, args, objective, prepared, engine, warnings }),
      );
    },
    onSave({ path }) {
      checkpoint = path;
    },
  };
  const own = loggers(caller, { args, settings, batches, model, token: options.hubToken ?? undefined, onWarning });
  try {
    const result = await train({
      ...settings,
      ...passedOn(options, evaluates),
      model,
      objective,
      train: loaders.train,
      ...(loaders.validation && evaluates ? { validation: loaders.validation } : {}),
      checkpoints: from ? resuming(caller, store, outputDir, from) : store,
      resume: Boolean(from),
      callbacks: [journal, ...(options.callbacks ?? []), ...settings.callbacks, ...own],
    });
    const about = { outputDir, warnings };
    if (result.stopped === 'aborted') return { ...result, ...about };
    const scores = await finalMetrics(model, result, loaders, options);
    const folder = args.saveStrategy === 'no' ? undefined : join(outputDir, task.saveAs);
    const saved =
      folder &&
      ((await saveStudent(caller, model, folder)) ?? (await saveLayersModel(caller, model, folder, onWarning)));
    return { ...result, ...scores, ...about, ...(saved ? { model: saved } : {}) };
  } catch (error) {
    throw asDiskError(caller, outputDir, checkpoint, error);
  } finally {
    settings.optimizer.dispose(); // the run's own, whether or not another one was given
  }
}

const PASSED_ON = ['ema', 'onNotFinite', 'maxBatchesPerEpoch', 'engine', 'signal', 'optimizer', 'schedule'] as const;

/** What `train` is given as it is. */
function passedOn(options: TrainerOptions, evaluates: boolean): Partial<TrainOptions> {
  const names = [...PASSED_ON, ...(evaluates ? (['computeMetrics'] as const) : [])];
  const entries = names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]]));
  return Object.fromEntries(entries) as Partial<TrainOptions>;
}
