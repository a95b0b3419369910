import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { EvaluateResult } from '../loop/evaluate.ts';
import type { EpochMetrics, TrainResult } from '../loop/train-result.ts';

/** What a run is, told at its start. */
export interface TrainInfo {
  /** Objective's name. */
  objective: string;
  /** Step engine's name, with the backend. */
  engine: string;
  epochs: number;
  batchesPerEpoch: number;
  samplesPerEpoch: number;
  /** Where a resumed run goes on: all 0 for a new one. */
  start: { epoch: number; batch: number; step: number };
  /** The one that is trained, to look at. */
  model: LayersModel;
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
  /** Means over the epoch so far: train_loss, train_accuracy, train_<part>. */
  running: Readonly<Record<string, number>>;
  learningRate: number;
  /** Of all gradients together, before clipping; there if they are clipped. */
  gradNorm?: number;
}

/** What a callback may do to the run. */
export interface TrainControl {
  /** Ends training after this epoch (or step, from `onStepEnd`). The run has ended then: resumed, it trains no further. */
  stop(reason: string): void;
}

/**
 * Watches a run. Progress bars, logs, early stopping and reports are callbacks; the loop knows none of them.
 * All hooks are awaited in order.
 */
export interface Callback {
  onTrainBegin?(info: TrainInfo): void | Promise<void>;
  onStepEnd?(info: StepInfo, control: TrainControl): void | Promise<void>;
  /** While validation runs: samples done, of how many. */
  onEvaluateProgress?(done: number, total: number): void | Promise<void>;
  /** Validation is done. */
  onEvaluate?(result: EvaluateResult): void | Promise<void>;
  onEpochEnd?(metrics: EpochMetrics, control: TrainControl): void | Promise<void>;
  onSave?(info: { step: number; path: string }): void | Promise<void>;
  onTrainEnd?(result: TrainResult): void | Promise<void>;
  /** For callbacks that remember: kept in checkpoints under this name; those that share one, by their order. */
  readonly name?: string;
  state?(): Record<string, number>;
  restore?(state: Readonly<Record<string, number>>): void;
}
