import { KdError } from '@kd/core';
import type { ResolvedArguments } from './training-arguments.ts';

const STRATEGIES = ['no', 'steps', 'epoch'] as const;

const ONE_OF = {
  optim: ['adamw_torch', 'adamw_torch_fused', 'adamw_torch_xla', 'adamw_torch_npu_fused', 'adamw_apex_fused', 'sgd'],
  lrSchedulerType: [
    'linear',
    'cosine',
    'cosine_with_restarts',
    'polynomial',
    'constant',
    'constant_with_warmup',
    'inverse_sqrt',
    'reduce_lr_on_plateau',
    'cosine_with_min_lr',
    'cosine_warmup_with_min_lr',
    'warmup_stable_decay',
    'step',
    'multistep',
    'one_cycle',
  ],
  loggingStrategy: STRATEGIES,
  evalStrategy: STRATEGIES,
  saveStrategy: [...STRATEGIES, 'best'],
  hubStrategy: ['end', 'every_save', 'checkpoint', 'all_checkpoints'],
} as const;

type Range = readonly [is: (value: number) => boolean, words: string];

const isWhole = (least: number): Range => [
  (value) => Number.isInteger(value) && value >= least,
  `an integer >= ${least}`,
];
const isPositive: Range = [(value) => value > 0 && value < Infinity, '> 0'];
const isNotNegative: Range = [(value) => value >= 0 && value < Infinity, '>= 0'];
const isPart: Range = [(value) => value >= 0 && value <= 1, 'in [0, 1]'];
const isDecay: Range = [(value) => value >= 0 && value < 1, 'in [0, 1)'];
const isSteps: Range = [
  (value) => value > 0 && (value < 1 || Number.isInteger(value)),
  'a number of steps, an integer >= 1, or below 1 a part of all steps',
];
const isSeed: Range = [(value) => Number.isSafeInteger(value) && value >= 0, 'an integer in [0, 2^53)'];

const RANGES: Partial<Record<keyof ResolvedArguments, Range>> = {
  numTrainEpochs: isPositive,
  maxSteps: [(value) => Number.isInteger(value) && value !== 0 && value >= -1, 'an integer >= 1, or -1 for none'],
  perDeviceTrainBatchSize: isWhole(1),
  perDeviceEvalBatchSize: isWhole(1),
  gradientAccumulationSteps: isWhole(1),
  learningRate: isPositive,
  weightDecay: isNotNegative,
  adamBeta1: isDecay,
  adamBeta2: isDecay,
  adamEpsilon: isPositive,
  maxGradNorm: isNotNegative,
  warmupRatio: isPart,
  warmupSteps: isWhole(0),
  loggingSteps: isSteps,
  evalSteps: isSteps,
  evalDelay: isNotNegative,
  saveSteps: isSteps,
  saveTotalLimit: isWhole(1),
  seed: isSeed,
  dataSeed: isSeed,
  labelSmoothingFactor: isPart,
  dataloaderNumWorkers: isWhole(0),
  earlyStoppingPatience: isWhole(1),
  earlyStoppingThreshold: isNotNegative,
};

const BOOLEANS = ['loggingFirstStep', 'loadBestModelAtEnd', 'dataloaderDropLast', 'pushToHub'] as const;

/** Each value by itself; those that may be null are looked at where they are not. */
export function checkValues(caller: string, args: ResolvedArguments): void {
  const refuse = (name: string, expected: string): never => {
    const value = args[name as keyof ResolvedArguments];
    const shown = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
    throw new KdError('INVALID_ARGUMENT', `${caller}: ${name} must be ${expected}, got ${shown}`, { [name]: value });
  };
  for (const [name, [is, words]] of Object.entries(RANGES)) {
    const value = args[name as keyof ResolvedArguments];
    const mayBeNull = ['evalSteps', 'saveTotalLimit', 'earlyStoppingPatience'].includes(name) && value === null;
    if (!mayBeNull && !(typeof value === 'number' && is(value))) refuse(name, words);
  }
  for (const [name, values] of Object.entries(ONE_OF)) {
    const value = args[name as keyof typeof ONE_OF];
    if (!(values as readonly string[]).includes(value)) refuse(name, `one of ${values.join(', ')}`);
  }
  for (const name of BOOLEANS) if (typeof args[name] !== 'boolean') refuse(name, 'true or false');
  if (typeof args.outputDir !== 'string' || args.outputDir === '') refuse('outputDir', 'a folder');
}
