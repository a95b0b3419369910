import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KdError } from '@kd/core';
import { estimateRun, type RunEstimate } from '../../experiments/dry-run/estimate.ts';
import { measureRun } from '../../experiments/dry-run/measure-run.ts';
import type { TrainOptions } from '../../loop/train-options.ts';
import { formatBytes, formatCount, formatSeconds } from '../../report/format.ts';
import { checkpointFolder } from '../checkpoint-folder.ts';

export interface DryRunOptions {
  /**
   * Optimiser steps that are really done, at the most: an integer >= 3. A hundred, since the first dozens of a small network
   * are slower, while they are compiled. @default 100
   */
  steps?: number;
  /** Seconds after which no further step is begun, if 3 are done, > 0. @default 10 */
  seconds?: number;
  /** What the run should not take more of; there is a warning for each that it does. @default none */
  limits?: {
    /** Seconds for the whole run. */
    seconds?: number;
    /** Bytes of memory. */
    memory?: number;
  };
}

export interface DryRun extends RunEstimate {
  /** Steps that were done to measure them. */
  measuredSteps: number;
  memory: {
    /** Bytes of this process at the most: what was there before, data sets say, is in it. */
    peak: number;
    /** Bytes of one checkpoint on disk, about; 0 without checkpoints. */
    checkpoint: number;
  };
  /** What is over its limit, and what else is worth knowing before a run is started. */
  warnings: string[];
  /** The estimate as text, a few lines. */
  summary: string;
}

/**
 * Estimates what a run of `train` will take before it is started: does a few of its steps, with the teacher, on the real
 * data and engine, an evaluation of a few batches and a checkpoint in the system's temporary folder.
 *
 * Nothing of it remains: weights, statistics and the optimiser's moments are put back bit for bit, callbacks are not told,
 * `checkpoints` are not touched. A cached teacher keeps the answers that it was asked for; the run need not ask again.
 *
 * Time is the median of the second half of these steps, multiplied; on a quiet machine it comes within a factor of
 * 1.5. A cached teacher is counted once for each view, less the share that it knew already. Callbacks and `computeMetrics`
 * are left out, as is early stopping. Memory is measured and no forecast: a cache grows by 4 bytes a class and view.
 *
 * @param options those of `train`
 * @throws {KdError} INVALID_ARGUMENT if `steps` or `seconds` is out of range; and what `train` throws
 *
 * @example
 * import { arrayDataset, dataLoader } from '@kd/data';
 * import { mlp } from '@kd/models';
 * import { classification } from '@kd/train';
 * import { dryRun } from '@kd/train/node';
 * const images = { data: new Uint8Array(256 * 784), shape: [256, 28, 28] };
 * const labels = Array.from({ length: 256 }, (_, i) => i % 2);
 * const dataset = arrayDataset({ images, labels, classNames: ['odd', 'even'] });
 * const { counts, warnings } = await dryRun(
 *   {
 *     model: mlp({ hiddenSizes: [16], classNames: ['odd', 'even'] }),
 *     objective: classification(),
 *     train: dataLoader(dataset, { batchSize: 32 }),
 *     epochs: 1_000_000,
 *   },
 *   { limits: { seconds: 60 } },
 * );
 * console.log(counts.steps, warnings.length); // 8000000 1
 */
export async function dryRun(
  options: TrainOptions,
  { steps = 100, seconds = 10, limits = {} }: DryRunOptions = {},
): Promise<DryRun> {
  if (!Number.isInteger(steps) || steps < 3) {
    throw new KdError('INVALID_ARGUMENT', `dryRun: steps must be an integer >= 3, got ${steps}`, { steps });
  }
  if (!(seconds > 0)) throw new KdError('INVALID_ARGUMENT', `dryRun: seconds must be > 0, got ${seconds}`, { seconds });
  const before = peakOfProcess();
  let seen = process.memoryUsage.rss();
  const folder = options.checkpoints && (await mkdtemp(join(tmpdir(), 'kd-dry-run-')));
  try {
    const measured = await measureRun(options, {
      steps,
      seconds,
      ...(folder === undefined ? {} : { store: checkpointFolder(folder) }),
      look() {
        seen = Math.max(seen, process.memoryUsage.rss());
      },
    });
    // The system knows the peak of the process's whole life: it is the run's own if it has just been passed.
    const peak = peakOfProcess() > before ? peakOfProcess() : seen;
    const estimate = await estimateRun(options, measured);
    const memory = { peak, checkpoint: measured.checkpointBytes ?? 0 };
    const warnings = warningsOf(estimate, peak, limits);
    const measuredSteps = measured.steps.length + 1;
    return {
      ...estimate,
      measuredSteps,
      memory,
      warnings,
      summary: summaryOf(estimate, memory, measuredSteps, warnings),
    };
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

const peakOfProcess = (): number => process.resourceUsage().maxRSS * 1024; // that is in KiB on every system

function warningsOf(
  { seconds, counts }: RunEstimate,
  peak: number,
  limits: NonNullable<DryRunOptions['limits']>,
): string[] {
  const warnings: string[] = [];
  if (limits.seconds !== undefined && seconds.total > limits.seconds) {
    warnings.push(
      `The run will take about ${formatSeconds(seconds.total)}, more than the limit of ${formatSeconds(limits.seconds)}: ` +
        `${formatCount(counts.steps)} steps of ${formatSeconds(seconds.step)}.`,
    );
  }
  if (limits.memory !== undefined && peak > limits.memory) {
    warnings.push(
      `The run takes ${formatBytes(peak)} of memory, more than the limit of ${formatBytes(limits.memory)}; ` +
        'smaller batches with gradientAccumulationSteps take less.',
    );
  }
  return warnings;
}

function summaryOf(
  { counts, seconds }: RunEstimate,
  memory: DryRun['memory'],
  measured: number,
  warnings: readonly string[],
): string {
  const many = (count: number, one: string): string => `${formatCount(count)} ${one}${count === 1 ? '' : 's'}`;
  const part = (name: string, of: string, time: number): string[] =>
    time > 0 ? [`  ${name.padEnd(12)}${formatSeconds(time)} (${of})`] : [];
  return [
    `About ${formatSeconds(seconds.total)} for ${many(counts.epochs, 'epoch')}, by ${many(measured, 'step')}; ` +
      `${formatSeconds(seconds.epoch)} an epoch, ${formatBytes(memory.peak)} of memory.`,
    ...part('training', `${many(counts.steps, 'step')} of ${formatSeconds(seconds.step)}`, seconds.training),
    ...part('teacher', many(counts.teacherSamples, 'sample'), seconds.teacher),
    ...part('evaluation', `${counts.evaluations} of ${formatSeconds(seconds.evaluation)}`, seconds.evaluations),
    ...part('checkpoints', `${counts.checkpoints} of ${formatBytes(memory.checkpoint)}`, seconds.checkpoints),
    ...part('start', 'engine, first batch', seconds.start),
    ...warnings,
  ].join('\n');
}
