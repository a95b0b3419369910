import { join, relative, resolve } from 'node:path';
import { KdError } from '@kd/core';
import { writeFileAtomic } from '@kd/core/node';
import type { Arm } from '../../experiments/arm.ts';
import { type Comparison, cellsCsv, comparisonCsv, makeComparison } from '../../experiments/comparison.ts';
import { type MetricOptions, metricOf } from '../../experiments/metric.ts';
import { type Arms, describeArms } from './arms-module.ts';
import { describeModule, runInProcess } from './cell-process.ts';
import { checkAnyDone, checkArms, checkProcesses, checkSeeds } from './check.ts';
import { inExperiment } from './in-experiment.ts';
import type { ArmModule } from './messages.ts';
import { type CellPlan, runArm } from './run-arm.ts';
import { type ExperimentOptions, runCells } from './run-cells.ts';

export interface CompareOptions extends ExperimentOptions, MetricOptions {
  /**
   * What is compared, by name. A URL is that of a module that exports them as `arms`: its runs get processes of their own,
   * side by side. Functions run in this process, one after the other.
   */
  arms: Arms | URL;
  /** Each arm is run with each of them. */
  seeds: readonly number[];
  /** The arm that the others are tested against. @default the first */
  baseline?: string;
}

/**
 * Compares ways of training: runs every arm with every seed, and writes the table that says what the difference is worth.
 *
 * Runs that are finished are not repeated: a second call goes on where the first was stopped, and more seeds or arms may be
 * added. A run is its arm's `settings` and the seed; one with other settings is refused, or run again if asked. A run that
 * fails or crashes is reported and leaves the others alone; the next call tries it once more.
 *
 * Two arms are paired by seed. With predictions and two or more seeds the test is Clark's min F' over seeds and images
 * (`crossedTTest` of `@kd/metrics`), without predictions the paired t-test over seeds; with one seed McNemar's over images.
 * p-values of several arms are corrected by Holm's method, and an arm "beats" the baseline only below .05.
 *
 * In `outputDir`: `comparison.md`, `comparison.csv`, `comparison.json`, `cells.csv` with every figure of every run, and
 * `<arm>/seed-<n>/` with `result.json`, `result.safetensors` (logits, labels, ids), `log.txt` and what the arm writes.
 *
 * @throws {KdError} INVALID_ARGUMENT for arms, seeds or a baseline that make no experiment; NOT_FOUND if there is no such
 *   metric; MISMATCH if a run was made with other settings, or arms were tested on different samples; ABORTED if it was
 *   stopped; UNAVAILABLE if every run failed
 *
 * @example
 * import { compare } from '@kd/train/node';
 * const run = (accuracy: number) => async ({ seed }: { seed: number }) => ({
 *   metrics: { eval_accuracy: accuracy + 0.01 * [0, 2, 1][seed] }, // in place of a training
 * });
 * const { sentences } = await compare({
 *   arms: {
 *     scratch: { settings: { epochs: 5 }, run: run(0.90) },
 *     distilled: { settings: { epochs: 5, temperature: 4 }, run: run(0.93) },
 *   },
 *   seeds: [0, 1, 2],
 *   outputDir: 'runs/compare-example',
 * });
 * console.log(sentences[0].split(' (')[0]); // distilled beats scratch on these images
 */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const { arms, seeds, processes = 'auto' } = options;
  checkSeeds('compare', seeds);
  const metric = metricOf('compare', options);
  const module: ArmModule | undefined = isArms(arms) ? undefined : { href: arms.href, exported: 'arms' };
  checkProcesses('compare', processes, module !== undefined);
  return inExperiment('compare', options, async (signal) => {
    const described = module ? await describeModule('compare', module, signal) : describeArms(arms as Arms);
    const names = described.map(({ name }) => name);
    const baseline = checkArms('compare', names, options.baseline);
    checkDistinct(names);
    const outputDir = resolve(options.outputDir);
    // Seed by seed: a table of all arms is there early.
    const plans = seeds.flatMap((seed) =>
      described.map(
        ({ name, settings }): CellPlan => ({
          arm: name,
          seed,
          settings,
          folder: join(outputDir, name, `seed-${seed}`),
        }),
      ),
    );
    const { cells, failures } = await runCells(plans, {
      ...options,
      caller: 'compare',
      processes: module ? processes : 1,
      signal,
      start: (plan, stop) =>
        module
          ? runInProcess('compare', module, plan, stop)
          : runArm('compare', (arms as Record<string, Arm>)[plan.arm]!.run, plan, stop),
    });
    checkAnyDone('compare', cells.length, failures);
    const comparison = makeComparison(
      described.map(({ name, command = thisCommand() }) => ({ name, command })),
      cells,
      failures,
      { baseline, metric },
    );
    await writeFileAtomic(join(outputDir, 'cells.csv'), cellsCsv(cells));
    await writeFileAtomic(join(outputDir, 'comparison.csv'), comparisonCsv(comparison));
    await writeFileAtomic(join(outputDir, 'comparison.json'), `${JSON.stringify(comparison, null, 2)}\n`);
    await writeFileAtomic(join(outputDir, 'comparison.md'), comparison.markdown);
    return comparison;
  });
}

const isArms = (arms: Arms | URL): arms is Arms => !(arms instanceof URL);

/** The command that this process was started with, as one would type it here. */
function thisCommand(): string {
  const [, script = '', ...rest] = process.argv;
  const local = relative(process.cwd(), script);
  return ['node', local.startsWith('..') ? script : local, ...rest]
    .map((word) => (/^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

/** Names differ in more than case: some systems' folders do not tell that apart. */
function checkDistinct(names: readonly string[]): void {
  const lower = names.map((name) => name.toLowerCase());
  const twice = names.find((_, i) => lower.indexOf(lower[i]!) !== i);
  if (twice === undefined) return;
  throw new KdError(
    'INVALID_ARGUMENT',
    `compare: there is another arm '${twice}' that differs in case alone; rename it`,
    {
      names,
    },
  );
}
