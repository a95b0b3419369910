import type { OptimizerName, ResolvedArguments, SchedulerName } from './training-arguments.ts';

/** What is not resolved from other arguments; transformers 4.57 has the same. */
export const DEFAULTS = {
  outputDir: 'trainer_output',
  numTrainEpochs: 3,
  maxSteps: -1,
  perDeviceTrainBatchSize: 8,
  perDeviceEvalBatchSize: 8,
  gradientAccumulationSteps: 1,
  learningRate: 5e-5,
  weightDecay: 0,
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  adamEpsilon: 1e-8,
  maxGradNorm: 1,
  optim: 'adamw_torch_fused' as OptimizerName,
  warmupRatio: 0,
  warmupSteps: 0,
  lrSchedulerType: 'linear' as SchedulerName,
  loggingStrategy: 'steps' as ResolvedArguments['loggingStrategy'],
  loggingSteps: 500,
  loggingFirstStep: false,
  evalStrategy: 'no' as ResolvedArguments['evalStrategy'],
  evalSteps: null,
  evalDelay: 0,
  saveStrategy: 'steps' as ResolvedArguments['saveStrategy'],
  saveSteps: 500,
  saveTotalLimit: null,
  loadBestModelAtEnd: false,
  metricForBestModel: null,
  greaterIsBetter: null,
  seed: 42,
  labelSmoothingFactor: 0,
  dataloaderDropLast: false,
  dataloaderNumWorkers: 0,
  resumeFromCheckpoint: null,
  pushToHub: false,
  hubModelId: null,
  hubStrategy: 'every_save' as ResolvedArguments['hubStrategy'],
  hubPrivateRepo: null,
  earlyStoppingPatience: null,
  earlyStoppingThreshold: 0,
} as const;

/** Those that are resolved: from `outputDir`, `seed` and the like. */
export const DERIVED = ['lrSchedulerKwargs', 'dataSeed', 'loggingDir', 'reportTo', 'runName', 'dataCollator'] as const;

/** Those that are given and not kept. */
export const NOT_KEPT = ['epochs', 'hubToken'] as const;
