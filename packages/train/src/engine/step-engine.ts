import type { Batch, StepContext } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Objective } from '../objectives/objective.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';

/** Everything that changes from one step to the next. */
export interface StepInput {
  batch: Batch;
  /** Labels in range, checked; absent for unlabelled data. */
  context: StepContext;
  /** float32 [batch, classes], row-major, if the objective has a teacher. */
  teacherLogits?: Float32Array;
  learningRate: number;
}

export interface StepResult {
  loss: number;
  parts: Record<string, number>;
  /** Of the student before the update, in training mode: float32 [batch, classes], row-major. */
  logits: Float32Array;
}

/** Does forward, backward and update for one batch. */
export interface StepEngine {
  /** For the logs. */
  readonly name: string;
  step(input: StepInput): Promise<StepResult>;
}

/** Makes an engine for one run. */
export type StepEngineFactory = (run: { model: LayersModel; objective: Objective; optimizer: Optimizer }) => StepEngine;
