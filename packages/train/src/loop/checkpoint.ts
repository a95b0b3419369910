import type { NamedTensor } from '@kd/core';
import type { EpochMetrics } from './train-result.ts';

/** Everything about a run that is not an array. */
export interface TrainerState {
  version: 1;
  /** What must be equal for a run to go on from here. */
  run: {
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
    teacher: string | null;
  };
  /** Epochs done. */
  epoch: number;
  /** Batches done in the next epoch. */
  batch: number;
  step: number;
  /** Sums over the samples of an epoch that is not done. */
  sums: Record<string, number>;
  best: { epoch: number; metric: string; value: number } | null;
  history: EpochMetrics[];
  /** Seconds of training so far. */
  runtime: number;
  samplesSeen: number;
  schedule: Record<string, number>;
  callbacks: Record<string, Record<string, number>>;
  /** Why a callback ended the run; absent while it may go on. */
  stopped?: string;
}

/** A run at one moment, enough to go on bit for bit. */
export interface Checkpoint {
  state: TrainerState;
  /** The model's variables, and the objective's own. */
  model: NamedTensor[];
  optimizer: NamedTensor[];
  /** The best weights so far, if they are to be kept. */
  best: NamedTensor[];
}

/** Where checkpoints go. `checkpointFolder` of `@kd/train/node` is one. */
export interface CheckpointStore {
  /** @returns where it is, for messages */
  save(checkpoint: Checkpoint): Promise<string>;
  /** The newest whole one. */
  load(): Promise<Checkpoint | undefined>;
}
