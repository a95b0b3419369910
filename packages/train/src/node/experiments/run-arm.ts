import { KdError } from '@kd/core';
import type { Arm, ArmSettings, Cell } from '../../experiments/arm.ts';
import { scorePredictions } from '../../loop/score-predictions.ts';
import { hitsOf, samplesOf, writeCell } from './cell-folder.ts';

/** Which run is to be done, and where its files go. */
export interface CellPlan {
  arm: string;
  seed: number;
  settings: ArmSettings;
  folder: string;
}

/** Runs one arm with one seed in this process, measures what it takes, and writes its result. */
export async function runArm(
  caller: string,
  run: Arm['run'],
  { arm, seed, settings, folder }: CellPlan,
  signal: AbortSignal,
): Promise<Cell> {
  const start = performance.now();
  const before = process.cpuUsage();
  const { predictions, metrics = {} } = await run({ settings, seed, outputDir: folder, signal });
  // It has ended because it was told to: its figures are those of a model that is half trained.
  if (signal.aborted) throw new KdError('ABORTED', `${caller}: arm '${arm}', seed ${seed}, was stopped`);
  const measured = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  if (predictions && !predictions.labels) {
    throw new KdError(
      'INVALID_DATA',
      `${caller}: the predictions of arm '${arm}' have no labels to compare with; predict a split that has them`,
    );
  }
  const score = predictions && scorePredictions(predictions);
  const { eval_accuracy: said } = metrics as { eval_accuracy?: number };
  if (score && said !== undefined && Math.abs(said - score.eval_accuracy) > 1e-6) {
    throw new KdError(
      'INVALID_DATA',
      `${caller}: arm '${arm}' says eval_accuracy ${said}, but its predictions give ${score.eval_accuracy}; return both of ` +
        'the same split, or name the other one otherwise',
      { said, predicted: score.eval_accuracy },
    );
  }
  const all: Readonly<Record<string, number>> = { ...metrics, ...score };
  checkMetrics(caller, arm, all);
  const cell: Omit<Cell, 'hits'> = {
    arm,
    seed,
    settings,
    metrics: all,
    ...(predictions ? { samples: samplesOf(predictions) } : {}),
    seconds: Math.max(measured, all.train_runtime ?? 0), // a run that was resumed began in another process
    peakMemory: process.resourceUsage().maxRSS * 1024, // that is in KiB on every system
    cores: (user + system) / 1e6 / measured,
  };
  await writeCell(folder, cell, predictions);
  return { ...cell, ...(predictions ? { hits: hitsOf(predictions.logits, predictions.labels!) } : {}) };
}

function checkMetrics(caller: string, arm: string, metrics: Readonly<Record<string, unknown>>): void {
  const entries = Object.entries(metrics);
  if (entries.length === 0) {
    throw new KdError(
      'INVALID_DATA',
      `${caller}: arm '${arm}' returned neither metrics nor predictions; return { predictions: await predictLogits(…) }`,
    );
  }
  const [name, value] = entries.find(([, number]) => typeof number !== 'number' || !Number.isFinite(number)) ?? [];
  if (name === undefined) return;
  throw new KdError('NOT_FINITE', `${caller}: '${name}' of arm '${arm}' is ${value}; metrics must be finite numbers`, {
    name,
    value,
  });
}
