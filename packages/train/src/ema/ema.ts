import { KdError, type NamedTensor } from '@kd/core';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { StepEngine } from '../engine/step-engine.ts';
import { readWeights, writeWeights } from '../model-weights.ts';

/**
 * An exponential moving average (EMA) of the student's weights. Training goes on with the weights themselves; the average
 * follows them, and is often the better network.
 */
export interface EmaOptions {
  /** What stays of the average with each optimiser step, in [0, 1). @default 0.9999 */
  decay?: number;
  /**
   * Begins with less, `min(decay, (1 + step) / (10 + step))` with steps from 1, so that a short run's average does not
   * consist of the weights that it started from. @default true
   */
  warmup?: boolean;
  /**
   * Which of the two validation looks at, and `selectBest` keeps. Without `selectBest` the model ends with the average in
   * either case. @default 'ema'
   */
  evaluate?: 'ema' | 'weights';
}

/** A variable of the student, and the one that has its moving average. */
export interface AveragedVariable {
  readonly name: string;
  readonly variable: tf.Variable;
  readonly average: tf.Variable;
}

/** The moving average of a model's weights while it is trained. */
export interface Ema {
  /** All variables of the model, statistics of batch-norm included, as timm has it. */
  readonly averages: readonly AveragedVariable[];
  /** After an optimiser step, whose number counts from 1. */
  update(engine: StepEngine, step: number): Promise<void>;
  /** See `whileEvaluated`. */
  whileEvaluated<T>(action: () => Promise<T>): Promise<T>;
  /** Gives the model the averages for good. */
  writeToModel(): void;
  state(): Promise<NamedTensor[]>;
  restore(state: readonly NamedTensor[]): void;
  dispose(): void;
}

/**
 * The options with their defaults.
 *
 * @throws {KdError} INVALID_ARGUMENT if one is out of range
 */
export function emaSettings({ decay = 0.9999, warmup = true, evaluate = 'ema' }: EmaOptions): Required<EmaOptions> {
  if (!(decay >= 0 && decay < 1)) {
    throw new KdError('INVALID_ARGUMENT', `train: ema.decay must be in [0, 1), got ${decay}`, { decay });
  }
  if (evaluate !== 'ema' && evaluate !== 'weights') {
    throw new KdError('INVALID_ARGUMENT', `train: ema.evaluate must be 'ema' or 'weights', got '${evaluate}'`, {
      evaluate,
    });
  }
  return { decay, warmup, evaluate };
}

/**
 * What stays of the average at an optimiser step, from 1.
 *
 * Reference: `num_updates` of tf.train.ExponentialMovingAverage.
 */
export function emaDecayAt(step: number, { decay, warmup }: Required<EmaOptions>): number {
  return warmup ? Math.min(decay, (1 + step) / (10 + step)) : decay;
}

/** Does something while the model has the weights that validation is to look at. */
export const whileEvaluated = <T>(ema: Ema | undefined, action: () => Promise<T>): Promise<T> =>
  ema ? ema.whileEvaluated(action) : action();

/** The average starts from the weights that the model has now. */
export function createEma(model: LayersModel, options: EmaOptions): Ema {
  const settings = emaSettings(options);
  const averages = namedVariables(model).map(({ name, variable }): AveragedVariable => {
    return { name, variable, average: tf.tidy(() => tf.variable(tf.clone(variable), false)) };
  });
  const asVariables = averages.map(({ name, average }) => ({ name, variable: average, trainable: false }));
  return {
    averages,
    async update(engine, step) {
      const decay = emaDecayAt(step, settings);
      if (engine.moveAverages) return engine.moveAverages(decay);
      await engine.sync?.();
      moveAverages(averages, decay);
    },
    async whileEvaluated(action) {
      if (settings.evaluate === 'weights') return action();
      const weights = averages.map(({ variable }) => tf.clone(variable));
      assignAll(averages);
      try {
        return await action();
      } finally {
        averages.forEach(({ variable }, i) => {
          variable.assign(weights[i]!);
        });
        tf.dispose(weights);
      }
    },
    writeToModel: () => assignAll(averages),
    state: () => readWeights(asVariables),
    restore: (state) => writeWeights(asVariables, state),
    dispose: () => tf.dispose(averages.map(({ average }) => average)),
  };
}

/** In this order the shares of the two make 1 in float32 too, and the average of frozen weights keeps their bits. */
function moveAverages(averages: readonly AveragedVariable[], decay: number): void {
  for (const { variable, average } of averages) {
    tf.tidy(() => average.assign(tf.add(average, tf.mul(tf.sub(variable, average), 1 - decay))));
  }
}

function assignAll(averages: readonly AveragedVariable[]): void {
  for (const { variable, average } of averages) tf.tidy(() => variable.assign(tf.clone(average)));
}
