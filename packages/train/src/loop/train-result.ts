/** Metrics of one epoch, by the names of Hugging Face's Trainer. */
export interface EpochMetrics {
  /** Epochs done, from 1; a fraction if the run ended inside of one. */
  epoch: number;
  /** Optimiser steps done. */
  step: number;
  /** Of the last step. */
  learning_rate: number;
  /** Mean over the epoch's samples, in training mode, as the weights moved. */
  train_loss: number;
  /** Seconds for training and validation. */
  epoch_runtime: number;
  /** Without the time for evaluations and checkpoints. */
  train_samples_per_second: number;
  /** Whether these weights are the best so far and were kept. */
  is_best: boolean;
  /** Whether the best weights were put back because the rate dropped. */
  best_reloaded: boolean;
  /** `train_accuracy`, `train_<part of the objective>`; `eval_loss`, `eval_accuracy` … if they were evaluated. */
  [metric: string]: number | boolean;
}

/**
 * One entry of the log, by the names of Hugging Face's Trainer. Of training: `loss`, the mean over the steps since the
 * entry before, each part of the loss likewise, `grad_norm` and `learning_rate` of the last step. Of an evaluation: `eval_loss`
 * and so on. The last one: `train_runtime`, `train_samples_per_second`, `train_steps_per_second`, `train_loss`.
 */
export interface LogEntry {
  /** Epochs done, a fraction inside of one. */
  epoch: number;
  /** Optimiser steps done. */
  step: number;
  [name: string]: number;
}

/** The evaluation that was better than all others. */
export interface BestEvaluation {
  /** Epochs done by then, a fraction inside of one. */
  epoch: number;
  step: number;
  metric: string;
  value: number;
}

export interface TrainResult {
  /** One for each epoch. */
  history: EpochMetrics[];
  /** Hugging Face's `state.log_history`. */
  logHistory: LogEntry[];
  /** Optimiser steps since the start of training. */
  steps: number;
  /** Epochs done, a fraction if the run ended inside of one. */
  epoch: number;
  /** Why training ended. */
  stopped: 'finished' | 'aborted' | 'early';
  /** What the callback that stopped it said. */
  reason?: string;
  /** The evaluation whose weights the model has now; absent if it has the last ones. */
  best?: BestEvaluation;
  /** Where the last checkpoint is, if there is one. */
  checkpoint?: string;
  /** Mean over all steps, as the weights moved. */
  train_loss: number;
  /** Seconds, over all parts of a resumed run. */
  train_runtime: number;
  train_samples_per_second: number;
  train_steps_per_second: number;
  /** Batches that changed nothing because loss or gradients were not finite, with `onNotFinite` 'skip'. */
  skipped_batches: number;
}
