import { type Batch, KdError, numericIds, type StepContext, teacherView } from '@kd/core';
import type { StepInfo } from '../callbacks/callback.ts';
import type { StepInput } from '../engine/step-engine.ts';
import type { Objective } from '../objectives/objective.ts';
import { weightsInStep } from '../objectives/weights/term-weight.ts';
import { createBreather } from './breathe.ts';
import { checkLabels } from './check.ts';
import { evaluateRun } from './evaluate-run.ts';
import { finishEpoch } from './finish-epoch.ts';
import { logTraining } from './log.ts';
import { wasSkipped } from './not-finite.ts';
import { type Due, dueAfterStep, dueAtEpochEnd } from './plan.ts';
import { epochsDone, type Run, syncEngine } from './run.ts';
import { saveRun } from './save-run.ts';
import { createStepMeans } from './step-means.ts';

/**
 * Runs the batches of one epoch, from `run.batch` on, and what is due between and after them; ends before the last batch
 * if the run is to stop.
 */
export async function trainEpoch(run: Run): Promise<void> {
  const { options, schedule, seed, epoch, engine, batchesPerEpoch, plan } = run;
  const { objective, train: loader, signal, gradientAccumulationSteps: accumulation = 1 } = options;
  const breathe = createBreather();
  const start = performance.now();
  let paused = 0; // for evaluations and checkpoints inside the epoch, in ms
  const samplesBefore = run.sums.samples();
  const rates = { learningRate: run.learningRate, stepsPerEpoch: plan.stepsPerEpoch };
  const means = createStepMeans(); // of the batches that make one update
  let learningRate = run.learningRate;
  for await (const batch of take(loader.epoch(epoch, run.batch), batchesPerEpoch - run.batch)) {
    checkLabels(batch, loader.classNames.length);
    const context = { seed, epoch, step: run.step, ids: numericIds(batch.ids) };
    const answers = await ask(objective, batch, context);
    learningRate = run.learningRate * schedule.factor(run.step, plan.totalSteps, rates);
    const update = (run.batch + 1) % accumulation === 0 || run.batch + 1 === batchesPerEpoch;
    const weights = weightsInStep(objective, context);
    const result = await engine.step({ batch, context, learningRate, update, ...weights, ...answers });
    const skipped = wasSkipped(run, result, { batch, learningRate });
    if (skipped) {
      run.sums.skip(batch.ids.length);
      run.skippedBatches += 1;
    } else {
      run.sums.add(result, batch.labels, batch.ids.length);
      means.add(result);
    }
    run.batch += 1;
    run.samplesSeen += batch.ids.length;
    await breathe();
    if (!update) continue; // a checkpoint knows whole steps
    run.step += 1;
    const whole = means.take();
    if (!whole.skipped) await run.ema?.update(engine, run.step);
    const samples = run.sums.samples();
    const info: StepInfo = {
      epoch,
      batch: run.batch,
      step: run.step,
      samples,
      samplesThisRun: samples - samplesBefore,
      ...whole,
      running: run.sums.means(),
      learningRate,
      ...(result.gradNorm === undefined ? {} : { gradNorm: result.gradNorm }),
    };
    run.log.add(info);
    await run.tell((callback) => callback.onStepEnd?.(info, run.control));
    const due = dueAfterStep(plan, run.step);
    const before = performance.now();
    await logAndEvaluate(run, due);
    if (signal?.aborted) run.stop ??= { why: 'aborted' };
    if (run.stop || run.step >= plan.totalSteps) break;
    // At the end of an epoch it is saved behind it.
    if (run.batch < batchesPerEpoch && (due.save || isNewBest(run))) await saveRun(run);
    paused += performance.now() - before;
  }
  const trained = performance.now() - start - paused;
  const whole = run.batch >= batchesPerEpoch;
  const ended = run.step >= plan.totalSteps || run.stop?.why === 'early';
  if (!whole && !ended && !run.stop) throwShort(run);
  const due = whole || ended ? dueAtEpochEnd(plan, epochsDone(run)) : undefined;
  await syncEngine(run);
  if (due) {
    await logAndEvaluate(run, due);
    const samplesPerSecond = (run.sums.samples() - samplesBefore) / (trained / 1000);
    await finishEpoch(run, { learningRate, samplesPerSecond, runtime: (performance.now() - start) / 1000 });
  }
  await objective.teacher?.flush?.();
  if (signal?.aborted) run.stop ??= { why: 'aborted' };
  const saves = run.stop?.why === 'aborted' || due?.save || dueAfterStep(plan, run.step).save || isNewBest(run);
  if (saves) await saveRun(run);
}

async function logAndEvaluate(run: Run, { log, evaluate }: Due): Promise<void> {
  if (log) await logTraining(run);
  if (evaluate) await evaluateRun(run);
}

const isNewBest = ({ plan, evaluation, step }: Run): boolean =>
  plan.saving === 'best' && evaluation?.step === step && evaluation.isBest;

/** What the teacher says about a batch, as an engine takes it. */
async function ask(
  { teacher, taps }: Objective,
  batch: Batch,
  context: StepContext,
): Promise<Pick<StepInput, 'teacherLogits' | 'teacherFeatures'>> {
  if (!teacher) return {};
  const seen = teacherView(batch);
  if (!taps || taps.teacher.length === 0) return { teacherLogits: await teacher.logits(seen, context) };
  const { logits, features } = await teacher.answers!(seen, context); // there: train() has looked
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

function throwShort({ epoch, batch, batchesPerEpoch }: Run): never {
  throw new KdError(
    'INVALID_DATA',
    `train: epoch ${epoch + 1} ended after ${batch} batches, the loader's length says ${batchesPerEpoch}; give a ` +
      'loader whose epochs are as long as it says',
    { epoch, batches: batch, length: batchesPerEpoch },
  );
}
