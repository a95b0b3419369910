import { KdError, type NamedTensor } from '@kd/core';
import type { CheckpointStore } from '../../loop/checkpoint.ts';
import { train } from '../../loop/train.ts';
import type { TrainOptions } from '../../loop/train-options.ts';
import { trainedVariables } from '../../loop/trained-variables.ts';
import { readWeights, writeWeights } from '../../model-weights.ts';
import { firstBatches, isCached, timedObjective, timedStore } from './timed.ts';

/** How much of a run is really done. */
export interface MeasureOptions {
  /** Optimiser steps at the most, >= 2. */
  steps: number;
  /** Ends after so many, if at least 3 steps are done by then. */
  seconds: number;
  /** Takes the checkpoint that is written to see how long that takes; none is where the run keeps none. */
  store?: CheckpointStore;
  /** Called now and then, to see how much memory there is in use. */
  look: () => void;
}

/** What the few steps took, in milliseconds. */
export interface Measured {
  /** Until the first step's end: engine, first batch, compilation. */
  start: number;
  /** Each step after the first, without the teacher. */
  steps: number[];
  /** Each question to the teacher in the first epoch. */
  teacher: number[];
  /** Samples that a cached teacher was asked about in the first epoch, and those that it remembered from before. */
  asked: number;
  remembered: number;
  /** Each batch of validation. */
  evaluation: number[];
  checkpoint?: number;
  checkpointBytes?: number;
}

/** Batches of validation that are looked at. */
const EVALUATED = 4;

/**
 * Does the first steps of a run, an evaluation of a few batches and a checkpoint, and puts everything back: weights, moments,
 * and the objective's variables, bit for bit. Callbacks hear nothing; schedules are left alone.
 */
export async function measureRun(
  options: TrainOptions,
  { steps, seconds, store, look }: MeasureOptions,
): Promise<Measured> {
  const { validation, objective, optimizer } = options;
  const variables = trainedVariables(options);
  const weights = copyOf(await readWeights(variables));
  const moments = optimizer && copyOf(await optimizer.state());
  const measured: Measured = { start: 0, steps: [], teacher: [], asked: 0, remembered: 0, evaluation: [] };
  const counts = isCached(objective.teacher) ? { ...objective.teacher.counts } : undefined;
  const [writing, sizes]: number[][] = [[], []];
  const start = performance.now();
  let last = start;
  const questions: number[] = [];
  let asked = 0; // ms of teacher that are in steps before
  let isFirstEpoch = true;
  /** Later epochs may ask about the same images again. */
  const endFirstEpoch = (): void => {
    if (!isFirstEpoch) return;
    isFirstEpoch = false;
    measured.teacher = [...questions];
    if (!counts || !isCached(objective.teacher)) return;
    measured.asked = objective.teacher.counts.asked - counts.asked;
    measured.remembered = objective.teacher.counts.remembered - counts.remembered;
  };
  const { computeMetrics: _, selectBest: __, schedule: ___, checkpoints: ____, evalStrategy: _____, ...rest } = options;
  try {
    await train({
      ...rest,
      objective: timedObjective(objective, questions),
      maxSteps: steps,
      loggingStrategy: 'no',
      saveStrategy: store ? 'epoch' : 'no',
      ...(validation ? { validation: firstBatches(validation, EVALUATED), evalStrategy: 'epoch', evalDelay: 0 } : {}),
      ...(store ? { checkpoints: timedStore(store, writing!, sizes!) } : {}),
      resume: false,
      onNotFinite: 'skip',
      callbacks: [
        {
          onStepEnd({ step }, control) {
            const now = performance.now();
            const teacher = questions.reduce((sum, ms) => sum + ms, 0);
            if (step === 1) measured.start = now - start;
            else measured.steps.push(now - last - (teacher - asked));
            [last, asked] = [now, teacher];
            look();
            if (step >= 3 && now - start > 1000 * seconds) control.stop('measured');
          },
          onEvaluateProgress() {
            const now = performance.now();
            measured.evaluation.push(now - last);
            last = now;
            look();
          },
          // What is done at an epoch's end is no part of the next step.
          onEpochEnd() {
            endFirstEpoch();
            last = performance.now();
          },
          onSave() {
            last = performance.now();
          },
        },
      ],
    });
  } finally {
    writeWeights(variables, weights);
    if (moments) optimizer.restore(moments);
  }
  if (options.signal?.aborted) throw new KdError('ABORTED', 'dryRun: stopped before it was done');
  look();
  if (writing?.[0] !== undefined) measured.checkpoint = writing[0];
  if (sizes?.[0] !== undefined) measured.checkpointBytes = sizes[0];
  return measured;
}

/** Some backends and engines give out the arrays that they go on computing in. */
function copyOf(tensors: readonly NamedTensor[]): NamedTensor[] {
  return tensors.map((tensor) => ({ ...tensor, data: tensor.data.slice() }));
}
