import { KdError } from '@kd/core';
import { checkNames } from './check-names.ts';
import { checkValues } from './check-values.ts';
import { DEFAULTS } from './defaults.ts';
import type { ResolvedArguments, TrainingArguments } from './training-arguments.ts';

export interface ResolveArgumentsOptions {
  /** Whether there is validation data. @default false */
  validation?: boolean;
  /** What errors begin with. @default 'resolveArguments' */
  caller?: string;
  /** Told what to use in place of arguments that mean nothing here. */
  onWarning?: (message: string) => void;
  /** Names besides `TrainingArguments` that are known, and not looked at. @default [] */
  otherNames?: readonly string[];
}

/** Services that transformers reports to, and this package does not. */
const OTHER_SERVICES =
  'azure_ml clearml codecarbon comet_ml dagshub dvclive flyte mlflow neptune swanlab trackio wandb'.split(' ');

/**
 * Every argument of a run with its value: defaults filled in as transformers does, and what follows from others, such as
 * `greaterIsBetter`. What it gives is JSON, and gives itself when it is resolved again.
 *
 * @throws {KdError} INVALID_ARGUMENT for a name that nobody knows, with the nearest ones, a value out of its range, or
 *   arguments that contradict each other; UNSUPPORTED for an argument of transformers without which the result would differ
 *
 * Reference: TrainingArguments of transformers 4.57.
 *
 * @example
 * import { resolveArguments } from '@kd/train';
 * const args = resolveArguments({ learningRate: 3e-4, loadBestModelAtEnd: true }, { validation: true });
 * console.log(args.perDeviceTrainBatchSize, args.evalStrategy, args.metricForBestModel); // 8 epoch loss
 */
export function resolveArguments(given: TrainingArguments, options: ResolveArgumentsOptions = {}): ResolvedArguments {
  const { validation = false, caller = 'resolveArguments', onWarning, otherNames = [] } = options;
  for (const warning of checkNames(caller, given, otherNames)) onWarning?.(warning);
  const known = withoutUndefined(given);
  const numTrainEpochs = epochsOf(caller, known);
  const filled = { ...DEFAULTS, ...(validation ? { evalStrategy: 'epoch' as const } : {}), ...known };
  const { outputDir, loggingSteps, seed } = filled;
  const evalSteps = filled.evalSteps || (filled.evalStrategy === 'steps' ? loggingSteps : null);
  const needsMetric =
    filled.loadBestModelAtEnd ||
    filled.lrSchedulerType === 'reduce_lr_on_plateau' ||
    filled.saveStrategy === 'best' ||
    filled.earlyStoppingPatience !== null;
  const metricForBestModel = filled.metricForBestModel ?? (needsMetric ? 'loss' : null);
  const resolved: ResolvedArguments = {
    ...pick(filled),
    numTrainEpochs,
    evalSteps,
    loadBestModelAtEnd: known.loadBestModelAtEnd ?? filled.saveStrategy === 'best',
    metricForBestModel,
    greaterIsBetter:
      filled.greaterIsBetter ?? (metricForBestModel === null ? null : !metricForBestModel.endsWith('loss')),
    maxGradNorm: filled.maxGradNorm ?? 0,
    lrSchedulerKwargs: { ...known.lrSchedulerKwargs },
    dataSeed: known.dataSeed ?? seed,
    loggingDir: known.loggingDir ?? `${outputDir}/logs`,
    reportTo: reportersOf(caller, known.reportTo, onWarning),
    runName: known.runName ?? outputDir,
    dataCollator: known.dataCollator ? (known.dataCollator.config ?? known.dataCollator) : null,
  };
  checkValues(caller, resolved);
  checkTogether(caller, resolved, { validation, needsMetric });
  return resolved;
}

const withoutUndefined = <T extends object>(given: T): T =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;

/** Those that have a default: nothing that the caller knows besides, and nothing that is not kept. */
const pick = <T extends Record<keyof typeof DEFAULTS, unknown>>(filled: T): Pick<T, keyof typeof DEFAULTS> =>
  Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, filled[name as keyof T]])) as never;

function epochsOf(caller: string, { epochs, numTrainEpochs }: TrainingArguments): number {
  if (epochs !== undefined && numTrainEpochs !== undefined && epochs !== numTrainEpochs) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `${caller}: epochs is ${epochs} and numTrainEpochs ${numTrainEpochs}, which mean the same; leave one of them out`,
      { epochs, numTrainEpochs },
    );
  }
  return epochs ?? numTrainEpochs ?? DEFAULTS.numTrainEpochs;
}

function reportersOf(
  caller: string,
  reportTo: TrainingArguments['reportTo'],
  onWarning?: (message: string) => void,
): 'tensorboard'[] {
  const names = typeof reportTo === 'string' ? [reportTo] : (reportTo ?? ['all']);
  const reporters = names.flatMap((name): 'tensorboard'[] => {
    if (name === 'all' || name === 'tensorboard') return ['tensorboard'];
    if (name === 'none') return [];
    if (!OTHER_SERVICES.includes(name)) {
      const list = `tensorboard, all, none`;
      throw new KdError('INVALID_ARGUMENT', `${caller}: reportTo must be of ${list}, got '${name}'`, { reportTo });
    }
    onWarning?.(
      `${caller}: reportTo '${name}' is a service that is not supported and is left aside: a callback with onLog can tell it`,
    );
    return [];
  });
  return [...new Set(reporters)];
}

function checkTogether(
  caller: string,
  { evalStrategy, metricForBestModel, lrSchedulerType, earlyStoppingPatience, ...args }: ResolvedArguments,
  { validation, needsMetric }: { validation: boolean; needsMetric: boolean },
): void {
  const refuse = (problem: string): never => {
    throw new KdError('INVALID_ARGUMENT', `${caller}: ${problem}`, { evalStrategy, metricForBestModel });
  };
  if (evalStrategy !== 'no' && !validation) {
    refuse(
      `evalStrategy is '${evalStrategy}', but there is no validation data; pass validation, or evalStrategy: 'no'`,
    );
  }
  if (args.saveStrategy === 'best' && !args.loadBestModelAtEnd) {
    refuse(
      "saveStrategy 'best' ends with the best weights; leave loadBestModelAtEnd out, or save by 'epoch' or 'steps'",
    );
  }
  if (needsMetric && evalStrategy === 'no') {
    const [who] = [
      args.loadBestModelAtEnd && 'loadBestModelAtEnd',
      lrSchedulerType === 'reduce_lr_on_plateau' && "lrSchedulerType 'reduce_lr_on_plateau'",
      args.saveStrategy === 'best' && "saveStrategy 'best'",
      earlyStoppingPatience !== null && 'earlyStoppingPatience',
    ].filter(Boolean);
    refuse(`${who} needs evaluations; pass validation, and evalStrategy 'epoch' or 'steps'`);
  }
}
