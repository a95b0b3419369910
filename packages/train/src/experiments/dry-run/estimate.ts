import { makePlan } from '../../loop/plan.ts';
import { batchesOf } from '../../loop/run.ts';
import type { TrainOptions } from '../../loop/train-options.ts';
import { countEvents, newEpochs, type RunCounts } from './count-events.ts';
import type { Measured } from './measure-run.ts';
import { isCached } from './timed.ts';

/** What a run will take, in seconds. */
export interface TimeEstimate {
  /** Before the first step is done: engine, first batch, compilation. */
  start: number;
  /** One optimiser step, without the teacher. */
  step: number;
  /** All steps, without the teacher. */
  training: number;
  /** All questions to the teacher. */
  teacher: number;
  /** One evaluation, and all. */
  evaluation: number;
  evaluations: number;
  /** One checkpoint, and all. */
  checkpoint: number;
  checkpoints: number;
  /** The first epoch and one of the others, with what is done at their ends: where a teacher remembers they differ. */
  firstEpoch: number;
  epoch: number;
  total: number;
}

/** What a run does, and what that takes. */
export interface RunEstimate {
  counts: RunCounts & {
    epochs: number;
    /** Samples that the student trains on, all epochs together. */
    samples: number;
    /** Samples that the teacher is asked about; fewer where it remembers. */
    teacherSamples: number;
  };
  seconds: TimeEstimate;
}

/**
 * Seconds, the median of the second half: what comes first is compiled and loaded while it runs, and whatever else the machine
 * does now and then is not the run's.
 */
function typical(times: readonly number[]): number {
  const warm = times.slice(Math.floor(times.length / 2)).sort((a, b) => a - b);
  return (warm[(warm.length - 1) >> 1] ?? 0) / 1000;
}

export async function estimateRun(options: TrainOptions, measured: Measured): Promise<RunEstimate> {
  const { train: loader, validation, objective, checkpoints, gradientAccumulationSteps = 1 } = options;
  const batchesPerEpoch = batchesOf(options);
  const plan = makePlan(options, batchesPerEpoch);
  const counts = countEvents(plan, checkpoints !== undefined);
  const { epochs, stepsPerEpoch, totalSteps } = plan;
  const samplesPerEpoch = Math.min(loader.sampleCount, batchesPerEpoch * loader.batchSize);
  const stepsInLast = totalSteps - (epochs - 1) * stepsPerEpoch;
  const samples =
    (epochs - 1) * samplesPerEpoch +
    Math.min(samplesPerEpoch, stepsInLast * gradientAccumulationSteps * loader.batchSize);

  const { teacher } = objective;
  let [teacherSamples, newOnes, asking] = [teacher ? samples : 0, epochs, 1];
  if (isCached(teacher)) {
    newOnes = await newEpochs(loader, epochs);
    const seen = Math.min(samples, newOnes * loader.sampleCount);
    asking = measured.asked / Math.max(1, measured.asked + measured.remembered);
    teacherSamples = Math.round(seen * asking);
  }
  const perSample = asking > 0 ? typical(measured.teacher) / (asking * loader.batchSize) : 0;

  const step = typical(measured.steps);
  const evaluation = validation ? typical(measured.evaluation) * validation.length : 0;
  const checkpoint = (measured.checkpoint ?? 0) / 1000;
  const start = Math.max(0, measured.start / 1000 - step);
  const parts = {
    training: step * totalSteps,
    teacher: perSample * teacherSamples,
    evaluations: evaluation * counts.evaluations,
    checkpoints: checkpoint * counts.checkpoints,
  };
  const ends = (parts.evaluations + parts.checkpoints) / epochs;
  const stepsInFirst = Math.min(stepsPerEpoch, totalSteps);
  const asks = parts.teacher / newOnes;
  return {
    counts: { ...counts, epochs, samples, teacherSamples },
    seconds: {
      start,
      step,
      ...parts,
      evaluation,
      checkpoint,
      firstEpoch: start + step * stepsInFirst + asks + ends,
      epoch: step * stepsInFirst + (newOnes < epochs ? 0 : asks) + ends,
      total: start + parts.training + parts.teacher + parts.evaluations + parts.checkpoints,
    },
  };
}
