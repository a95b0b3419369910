import { KdError } from '@kd/core';
import { emaSettings } from '../ema/ema.ts';
import { makePlan } from './plan.ts';
import type { TrainOptions } from './train-options.ts';

const INTERVALS = ['no', 'steps', 'epoch'];

/** @throws {KdError} INVALID_ARGUMENT */
export function checkOptions(options: TrainOptions): void {
  checkLength(options);
  checkStrategies(options);
  const { learningRate = 1e-3, seed = 0, selectBest, validation, computeMetrics, onNotFinite = 'stop' } = options;
  const { gradientAccumulationSteps = 1, maxGradNorm } = options;
  if (!(learningRate > 0 && learningRate < Infinity)) refuse('learningRate', '> 0', learningRate);
  if (!isCount(gradientAccumulationSteps)) {
    refuse('gradientAccumulationSteps', 'an integer >= 1', gradientAccumulationSteps);
  }
  if (maxGradNorm !== undefined && !(maxGradNorm > 0)) refuse('maxGradNorm', '> 0', maxGradNorm);
  if (!Number.isSafeInteger(seed) || seed < 0) refuse('seed', 'an integer in [0, 2^53)', seed);
  if (onNotFinite !== 'stop' && onNotFinite !== 'skip') refuse('onNotFinite', "'stop' or 'skip'", onNotFinite);
  if (options.ema) emaSettings(options.ema);
  if (options.resume && !options.checkpoints) {
    throw new KdError('INVALID_ARGUMENT', 'train: resume needs checkpoints to go on from; pass them, or leave it out');
  }
  for (const [name, value] of Object.entries({ selectBest, computeMetrics })) {
    if (value && !validation) {
      throw new KdError('INVALID_ARGUMENT', `train: ${name} needs validation data; pass validation, or leave it out`);
    }
  }
}

/** How long the run is. */
function checkLength({ epochs, maxSteps = -1, maxBatchesPerEpoch }: TrainOptions): void {
  if (maxSteps !== -1 && !isCount(maxSteps)) refuse('maxSteps', 'an integer >= 1, or -1 for none', maxSteps);
  if (epochs === undefined && maxSteps === -1) {
    throw new KdError('INVALID_ARGUMENT', 'train: neither epochs nor maxSteps says how long to train; pass one');
  }
  if (epochs !== undefined && !isCount(epochs)) refuse('epochs', 'an integer >= 1', epochs);
  if (maxBatchesPerEpoch !== undefined && !isCount(maxBatchesPerEpoch)) {
    refuse('maxBatchesPerEpoch', 'an integer >= 1', maxBatchesPerEpoch);
  }
}

/** What is done when. */
function checkStrategies(options: TrainOptions): void {
  const { loggingStrategy, evalStrategy, saveStrategy, evalDelay = 0, validation, selectBest } = options;
  const { loggingSteps, evalSteps, saveSteps } = options;
  for (const [name, steps] of Object.entries({ loggingSteps, evalSteps, saveSteps })) {
    if (steps !== undefined && !(steps > 0 && (steps < 1 || Number.isInteger(steps)))) {
      refuse(name, 'an integer >= 1, or a share of all steps in (0, 1)', steps);
    }
  }
  for (const [name, strategy] of Object.entries({ loggingStrategy, evalStrategy, saveStrategy })) {
    const allowed = name === 'saveStrategy' ? [...INTERVALS, 'best'] : INTERVALS;
    if (strategy !== undefined && !allowed.includes(strategy)) refuse(name, `one of ${allowed.join(', ')}`, strategy);
  }
  if (!(evalDelay >= 0)) refuse('evalDelay', '>= 0', evalDelay);
  const { evaluation } = makePlan(options, 1);
  if (evaluation !== 'no' && !validation) {
    throw new KdError('INVALID_ARGUMENT', `train: evalStrategy '${evaluation}' needs validation data; pass validation`);
  }
  if (saveStrategy === 'best' && !selectBest) {
    throw new KdError('INVALID_ARGUMENT', "train: saveStrategy 'best' needs selectBest, which says what is better");
  }
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;

function refuse(name: string, range: string, value: unknown): never {
  throw new KdError('INVALID_ARGUMENT', `train: ${name} must be ${range}, got ${value}`, { [name]: value });
}
