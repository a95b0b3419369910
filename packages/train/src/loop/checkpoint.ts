import type { NamedTensor } from '@kd/core';
import type { LogWindowState } from './log-window.ts';
import type { BestEvaluation, EpochMetrics, LogEntry } from './train-result.ts';

/** What must be equal for a run to go on from a checkpoint. */
export interface RunIdentity {
  /** Name and settings; so are the two below. */
  objective: string;
  optimizer: string;
  schedule: string;
  learningRate: number;
  seed: number;
  /** Fingerprint of the loader. */
  data: string;
  batchesPerEpoch: number;
  gradientAccumulationSteps: number;
  maxGradNorm: number | null;
  /** Its settings. */
  ema: string | null;
  teacher: string | null;
}

/** Where a run is, beyond what Hugging Face's state has. */
export interface RunPosition {
  /** Epochs done. */
  epoch: number;
  /** Batches done in the next epoch. */
  batch: number;
  /** Sums over the samples of an epoch that is not done. */
  sums: Record<string, number>;
  log: LogWindowState;
  best: BestEvaluation | null;
  history: EpochMetrics[];
  /** Seconds of training so far. */
  runtime: number;
  samplesSeen: number;
  skippedBatches: number;
  schedule: Record<string, number>;
  callbacks: Record<string, Record<string, number>>;
  /** Why a callback ended the run; absent while it may go on. */
  stopped?: string;
}

/**
 * Everything about a run that is not an array: `trainer_state.json`, by the fields of `TrainerState` in transformers, which
 * reads it. What that has no field for is in `stateful_callbacks`, as the state of a callback named `kd`.
 */
export interface TrainerState {
  /** Epochs done, a fraction inside of one. */
  epoch: number;
  global_step: number;
  max_steps: number;
  num_train_epochs: number;
  logging_steps: number;
  eval_steps: number;
  save_steps: number;
  train_batch_size: number;
  log_history: LogEntry[];
  best_metric: number | null;
  best_global_step: number | null;
  /** Folder of the checkpoint at the best step, if it is there. */
  best_model_checkpoint: string | null;
  /** Not counted: 0, as are the tokens. */
  total_flos: number;
  num_input_tokens_seen: number;
  is_local_process_zero: boolean;
  is_world_process_zero: boolean;
  is_hyper_param_search: boolean;
  trial_name: null;
  trial_params: null;
  stateful_callbacks: {
    kd: { args: RunIdentity & { version: number }; attributes: RunPosition };
  };
}

/** A run at one moment, enough to go on bit for bit. */
export interface Checkpoint {
  state: TrainerState;
  /** The model's variables, and the objective's own. */
  model: NamedTensor[];
  optimizer: NamedTensor[];
  /** The moving average of the model's variables, if there is one. */
  ema: NamedTensor[];
  /** The best weights so far, if they are to be kept. */
  best: NamedTensor[];
}

/** Where checkpoints go. `checkpointFolder` of `@kd/train/node` is one. */
export interface CheckpointStore {
  /** Called before anything else when a run starts: clears up behind a run that was killed, keeps others out. */
  open?(): Promise<void>;
  /** When the run has ended, with an error or without. */
  close?(): Promise<void>;
  /** @returns where it is, for messages */
  save(checkpoint: Checkpoint): Promise<string>;
  /** The newest whole one, and where it is. */
  load(): Promise<(Checkpoint & { path?: string }) | undefined>;
}
