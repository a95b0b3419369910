import type { DataLoader } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Predictions } from '../loop/ask-loader.ts';
import type { EvaluateResult } from '../loop/evaluate.ts';
import type { EpochMetrics, LogEntry, TrainResult } from '../loop/train-result.ts';
import type { Teacher } from '../teachers/teacher.ts';

/** What a run is, told at its start. */
export interface TrainInfo {
  /** Objective's name. */
  objective: string;
  /** Step engine's name, with the backend. */
  engine: string;
  /** That are begun. */
  epochs: number;
  /** Optimiser steps of the whole run. */
  steps: number;
  batchesPerEpoch: number;
  samplesPerEpoch: number;
  /** Where a resumed run goes on: all 0 for a new one. */
  start: { epoch: number; batch: number; step: number };
  /** The one that is trained, to look at. */
  model: LayersModel;
  train: DataLoader;
  validation?: DataLoader;
  /** The objective's. */
  teacher?: Teacher;
  /** Epochs that an earlier part of a resumed run has done. */
  history: readonly EpochMetrics[];
  /** What that part has logged. */
  logHistory: readonly LogEntry[];
}

/** Where a run stands after one step. */
export interface StepInfo {
  /** From 0. */
  epoch: number;
  /** Batches done in this epoch, this one included. */
  batch: number;
  /** Optimiser steps since the start of training, this one included. */
  step: number;
  /** Samples done in this epoch. */
  samples: number;
  /** Samples done in this epoch since the run was started or resumed: what a rate is made from. */
  samplesThisRun: number;
  /** Of this batch; of the batches of this step where gradients are accumulated: their mean. */
  loss: number;
  /** What it is made of, likewise. */
  parts: Readonly<Record<string, number>>;
  /** Means over the epoch so far: train_loss, train_accuracy, train_<part>. */
  running: Readonly<Record<string, number>>;
  learningRate: number;
  /** Of all gradients together, before clipping; there if they are clipped. */
  gradNorm?: number;
  /** Whether loss or gradients were not finite, and the step has changed nothing; the loss is NaN then. */
  skipped: boolean;
}

/** What comes with an evaluation. */
export interface EvaluationInfo {
  /** Epochs done, a fraction inside of one. */
  epoch: number;
  /** Optimiser steps done. */
  step: number;
  /** Whether it is the best so far, by `selectBest`. */
  isBest: boolean;
  /** Whether the best weights were put back because the rate dropped. */
  bestReloaded: boolean;
}

/** What a callback may do to the run. */
export interface TrainControl {
  /** Ends training after this step, with what is due at an epoch's end. The run has ended then: resumed, it trains no further. */
  stop(reason: string): void;
}

/**
 * Watches a run. Progress bars, logs, early stopping and reports are callbacks; the loop knows none of them.
 * All hooks are awaited in order.
 *
 * @typeParam Metric - names of the metrics that it `needs`
 */
// biome-ignore lint/suspicious/noExplicitAny: a Callback whose needs are not known fits anywhere, and is checked when the run starts
export interface Callback<Metric extends string = any> {
  onTrainBegin?(info: TrainInfo): void | Promise<void>;
  onStepEnd?(info: StepInfo, control: TrainControl): void | Promise<void>;
  /** While validation runs: samples done, of how many. */
  onEvaluateProgress?(done: number, total: number): void | Promise<void>;
  /** Validation has all of the model's answers; what they are worth comes with `onEvaluate`. */
  onPredictions?(predictions: Predictions): void | Promise<void>;
  /** Validation is done: `eval_loss`, `eval_accuracy`, and what `computeMetrics` computed. */
  onEvaluate?(
    result: EvaluateResult & Readonly<Record<`eval_${string}`, number>>,
    info: EvaluationInfo,
    control: TrainControl,
  ): void | Promise<void>;
  /** The log has a new entry. */
  onLog?(entry: LogEntry): void | Promise<void>;
  onEpochEnd?(metrics: EpochMetrics, control: TrainControl): void | Promise<void>;
  onSave?(info: { step: number; path: string }): void | Promise<void>;
  onTrainEnd?(result: TrainResult): void | Promise<void>;
  /** Metrics of evaluations that it cannot do without: the run does not start if there is no such metric. */
  readonly needs?: readonly Metric[];
  /** For callbacks that remember: kept in checkpoints under this name; those that share one, by their order. */
  readonly name?: string;
  state?(): Record<string, number>;
  restore?(state: Readonly<Record<string, number>>): void;
}
