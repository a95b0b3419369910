/** Metrics of one epoch, by the names of Hugging Face's Trainer. */
export interface EpochMetrics {
  /** Epochs done, from 1. */
  epoch: number;
  /** Optimiser steps done. */
  step: number;
  /** Of the last step. */
  learning_rate: number;
  /** Mean over the epoch's samples, in training mode, as the weights moved. */
  train_loss: number;
  /** Seconds for training and validation. */
  epoch_runtime: number;
  train_samples_per_second: number;
  /** Whether these weights are the best so far and were kept. */
  is_best: boolean;
  /** Whether the best weights were put back because the rate dropped. */
  best_reloaded: boolean;
  /** `train_accuracy`, `train_<part of the objective>`, `eval_loss`, `eval_accuracy` … */
  [metric: string]: number | boolean;
}

export interface TrainResult {
  history: EpochMetrics[];
  /** Optimiser steps since the start of training. */
  steps: number;
  /** Why training ended. */
  stopped: 'finished' | 'aborted' | 'early';
  /** What the callback that stopped it said. */
  reason?: string;
  /** The epoch whose weights the model has now; absent if it has the last ones. */
  best?: { epoch: number; metric: string; value: number };
  /** Where the last checkpoint is, if there is one. */
  checkpoint?: string;
  /** Seconds, over all parts of a resumed run. */
  train_runtime: number;
  train_samples_per_second: number;
}
