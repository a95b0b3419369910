import { type Batch, KdError, numericIds, type StepContext } from '@kd/core';
import type { StepInput } from '../engine/step-engine.ts';
import type { Objective } from '../objectives/objective.ts';
import { createBreather } from './breathe.ts';
import { checkFinite, checkLabels } from './check.ts';
import type { Run } from './run.ts';

/** What an epoch's metrics need to know of its training. */
export interface TrainedEpoch {
  /** Of the last step. */
  learningRate: number;
  samplesPerSecond: number;
}

/** Runs the batches of one epoch, from `run.batch` on; ends before the last if the run is to stop. */
export async function trainEpoch(run: Run): Promise<TrainedEpoch> {
  const { options, schedule, seed, epoch, engine, batchesPerEpoch } = run;
  const { objective, train: loader, signal, epochs } = options;
  const breathe = createBreather();
  const start = performance.now();
  const samplesBefore = run.sums.samples();
  const accumulation = options.gradientAccumulationSteps ?? 1;
  const stepsPerEpoch = Math.ceil(batchesPerEpoch / accumulation);
  const rates = { learningRate: run.learningRate, stepsPerEpoch };
  let learningRate = run.learningRate;
  let losses: number[] = []; // of the batches that make one update
  for await (const batch of take(loader.epoch(epoch, run.batch), batchesPerEpoch - run.batch)) {
    checkLabels(batch, loader.classNames.length);
    const context = { seed, epoch, step: run.step, ids: numericIds(batch.ids) };
    const answers = await ask(objective, batch, context);
    learningRate = run.learningRate * schedule.factor(run.step, epochs * stepsPerEpoch, rates);
    const update = (run.batch + 1) % accumulation === 0 || run.batch + 1 === batchesPerEpoch;
    const result = await engine.step({
      batch,
      context,
      learningRate,
      update,
      ...answers,
    });
    checkFinite(result, { epoch, step: run.step, learningRate });
    run.sums.add(result, batch.labels, batch.ids.length);
    run.batch += 1;
    run.samplesSeen += batch.ids.length;
    losses.push(result.loss);
    await breathe();
    if (!update) continue; // a checkpoint knows whole steps
    run.step += 1;
    const samples = run.sums.samples();
    const info = {
      epoch,
      batch: run.batch,
      step: run.step,
      samples,
      samplesThisRun: samples - samplesBefore,
      loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      running: run.sums.means(),
      learningRate,
      ...(result.gradNorm === undefined ? {} : { gradNorm: result.gradNorm }),
    };
    losses = [];
    await run.tell((callback) => callback.onStepEnd?.(info, run.control));
    if (signal?.aborted) run.stop ??= { why: 'aborted' };
    if (run.stop) break;
  }
  if (!run.stop && run.batch < batchesPerEpoch) {
    throw new KdError(
      'INVALID_DATA',
      `train: epoch ${epoch + 1} ended after ${run.batch} batches, the loader's length says ${batchesPerEpoch}; give a ` +
        'loader whose epochs are as long as it says',
      { epoch, batches: run.batch, length: batchesPerEpoch },
    );
  }
  const seconds = (performance.now() - start) / 1000;
  return { learningRate, samplesPerSecond: (run.sums.samples() - samplesBefore) / seconds };
}

/** What the teacher says about a batch, as an engine takes it. */
async function ask(
  { teacher, taps }: Objective,
  batch: Batch,
  context: StepContext,
): Promise<Pick<StepInput, 'teacherLogits' | 'teacherFeatures'>> {
  if (!teacher) return {};
  if (!taps || taps.teacher.length === 0) return { teacherLogits: await teacher.logits(batch, context) };
  const { logits, features } = await teacher.answers!(batch, context); // there: train() has looked
  return { teacherLogits: logits, teacherFeatures: features };
}

async function* take(batches: AsyncIterable<Batch>, count: number): AsyncGenerator<Batch> {
  let taken = 0;
  for await (const batch of batches) {
    yield batch;
    taken += 1;
    if (taken >= count) return;
  }
}
