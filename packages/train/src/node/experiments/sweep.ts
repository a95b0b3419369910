import { join, resolve } from 'node:path';
import { writeFileAtomic } from '@kd/core/node';
import type { ArmContext, ArmResult, ArmSettings } from '../../experiments/arm.ts';
import { cellsCsv } from '../../experiments/comparison.ts';
import { type Grid, type GridPoint, gridPoints, pointName } from '../../experiments/grid.ts';
import { type MetricOptions, metricOf } from '../../experiments/metric.ts';
import { sweepPage } from '../../experiments/sweep-page.ts';
import { makeSweep, type SweepResult, sweepCsv } from '../../experiments/sweep-result.ts';
import { checkName, checkSettings } from './arms-module.ts';
import { runInProcess } from './cell-process.ts';
import { checkAnyDone, checkProcesses, checkSeeds } from './check.ts';
import { inExperiment } from './in-experiment.ts';
import type { ArmModule } from './messages.ts';
import { type CellPlan, runArm } from './run-arm.ts';
import { type ExperimentOptions, runCells } from './run-cells.ts';

export interface SweepOptions extends ExperimentOptions, MetricOptions {
  /** Each combination is run with each of them. With one the test is over images alone. @default [0] */
  seeds?: readonly number[];
  /** Other settings, the same in all runs: given to `run`, and kept with its results. @default none */
  settings?: ArmSettings;
}

/** One run of a sweep: the settings hold one value of each option, and those that are the same for all. */
export type SweepRun<G extends Grid = Grid> = (context: ArmContext<GridPoint<G> & ArmSettings>) => Promise<ArmResult>;

/**
 * Tries every combination of some options, such as temperature and weight of the soft targets, and finds the best.
 *
 * Runs are kept, repeated and spread over processes as those of `compare` are. The best combination has the best mean over
 * seeds; every other is tested against it, as `compare` does, and marked where it cannot be told from it after Holm's
 * correction. Give figures of a validation split: the best of many flatters, so measure it anew on test data.
 *
 * In `outputDir`: `sweep.html` with the heat map, `sweep.md`, `sweep.csv`, `sweep.json`, `cells.csv`, and a folder for each run.
 *
 * @param grid options with the values to try; the map has the first as rows and the second as columns
 * @param run a function, run here, one after the other; or the URL of a module that exports it as `run`, whose runs get
 *   processes of their own, side by side
 * @throws {KdError} as `compare` does
 *
 * @example
 * import { sweep } from '@kd/train/node';
 * const { best, sentence } = await sweep(
 *   { temperature: [1, 4, 16], softWeight: [0.5, 0.9] },
 *   async ({ settings: { temperature, softWeight }, seed }) => ({
 *     // in place of a training
 *     metrics: { eval_accuracy: 0.9 - 0.01 * Math.abs(temperature - 4) + 0.02 * softWeight + 0.001 * seed },
 *   }),
 *   { seeds: [0, 1, 2], outputDir: 'runs/sweep-example' },
 * );
 * console.log(best.point); // { temperature: 4, softWeight: 0.9 }
 */
export async function sweep<const G extends Grid>(
  grid: G,
  run: SweepRun<G> | URL,
  options: SweepOptions,
): Promise<SweepResult> {
  const { seeds = [0], processes = 'auto', settings = {} } = options;
  checkSeeds('sweep', seeds);
  checkProcesses('sweep', processes, run instanceof URL);
  const metric = metricOf('sweep', options);
  const points = gridPoints('sweep', grid);
  for (const point of points) checkName('sweep', 'a combination', pointName(point));
  checkSettings('sweep', 'the sweep', settings);
  const outputDir = resolve(options.outputDir);
  const module: ArmModule | undefined = run instanceof URL ? { href: run.href, exported: 'run' } : undefined;
  // Seed by seed: a map of all combinations is there early.
  const plans = seeds.flatMap((seed) =>
    points.map((point): CellPlan => {
      const arm = pointName(point);
      return { arm, seed, settings: { ...settings, ...point }, folder: join(outputDir, arm, `seed-${seed}`) };
    }),
  );
  return inExperiment('sweep', options, async (signal) => {
    const { cells, failures } = await runCells(plans, {
      ...options,
      caller: 'sweep',
      processes: module ? processes : 1,
      signal,
      start: (plan, stop) =>
        module ? runInProcess('sweep', module, plan, stop) : runArm('sweep', run as SweepRun, plan, stop),
    });
    checkAnyDone('sweep', cells.length, failures);
    const result = makeSweep(grid, cells, failures, metric);
    await writeFileAtomic(join(outputDir, 'cells.csv'), cellsCsv(cells));
    await writeFileAtomic(join(outputDir, 'sweep.csv'), sweepCsv(result));
    await writeFileAtomic(join(outputDir, 'sweep.json'), `${JSON.stringify(result, null, 2)}\n`);
    await writeFileAtomic(join(outputDir, 'sweep.md'), result.markdown);
    await writeFileAtomic(join(outputDir, 'sweep.html'), sweepPage(result));
    return result;
  });
}
