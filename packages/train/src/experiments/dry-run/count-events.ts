import type { DataLoader } from '@kd/core';
import { dueAfterStep, dueAtEpochEnd, type TrainPlan } from '../../loop/plan.ts';

/** What a run does, how often. */
export interface RunCounts {
  /** Optimiser steps. */
  steps: number;
  evaluations: number;
  /** With `saveStrategy` 'best' at most so many. */
  checkpoints: number;
}

/** Goes through a run's steps, without doing them. */
export function countEvents(plan: TrainPlan, keepsCheckpoints: boolean): RunCounts {
  let [evaluations, checkpoints] = [0, 0];
  for (let step = 1; step <= plan.totalSteps; step++) {
    const isEnd = step % plan.stepsPerEpoch === 0 || step === plan.totalSteps;
    const dues = [dueAfterStep(plan, step), ...(isEnd ? [dueAtEpochEnd(plan, step / plan.stepsPerEpoch)] : [])];
    const evaluates = dues.some(({ evaluate }) => evaluate);
    if (evaluates) evaluations += 1;
    if (plan.saving === 'best' ? evaluates : dues.some(({ save }) => save)) checkpoints += 1;
  }
  return { steps: plan.totalSteps, evaluations, checkpoints: keepsCheckpoints ? checkpoints : 0 };
}

/**
 * In how many epochs a teacher that remembers sees something new: 1 where every epoch shows the same pixels, k with k
 * views of each sample, all where each epoch has its own.
 */
export async function newEpochs(loader: DataLoader, epochs: number): Promise<number> {
  const first = await firstBatch(loader, 0);
  if (first?.fresh) return epochs;
  if (!first?.views) return 1;
  // Epoch e shows view e mod k: it is new while the view has the epoch's own number.
  const isNew = async (epoch: number) =>
    (await firstBatch(loader, epoch))?.views?.every((view) => view === epoch) ?? false;
  if (!(await isNew(0))) return epochs; // views are numbered in some other way
  let [known, over] = [0, epochs];
  while (over - known > 1) {
    const middle = (known + over) >> 1;
    if (await isNew(middle)) known = middle;
    else over = middle;
  }
  return over;
}

async function firstBatch(loader: DataLoader, epoch: number) {
  for await (const batch of loader.epoch(epoch)) return batch;
  return undefined;
}
