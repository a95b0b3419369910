import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { writeFileAtomic } from '@kd/core/node';
import type { Arm } from '../../experiments/arm.ts';
import type { Comparison } from '../../experiments/comparison.ts';
import type { TeacherCheck } from '../../experiments/teacher-check.ts';
import { type RunCurve, type StudyReport, studyCurves, studyPage } from '../../report/study/study-page.ts';
import { checkArms } from '../experiments/check.ts';
import { compare } from '../experiments/compare.ts';
import { keptOptions } from '../trainer/options.ts';
import { decisive, type PlannedArm, plannedArms, type StudyOptions } from './options.ts';
import { modelFolder, runStudyArm } from './run-arm-of-study.ts';
import { openStudy, type StudyData } from './study-data.ts';

/** One finished run of a study. */
export interface StudyRun {
  arm: string;
  seed: number;
  /** Checkpoints go when it ends; logs, `report.html` and the like stay. */
  outputDir: string;
  /** Folder of the final student, if it is one of `@kd/models`. */
  model: string;
}

export interface StudyResult {
  teacher: TeacherCheck;
  /** The table on the test images, its tests and its sentences. */
  comparison: Comparison;
  runs: StudyRun[];
}

/**
 * A whole experiment in distillation, told honestly: is the teacher any good, and is the student that it taught better than
 * one that had the labels alone?
 *
 * 1. Images are decoded and resized once.
 * 2. The teacher is asked about the validation images. One that may be no better than chance is refused.
 * 3. It is asked about the training images, once for all runs; where an arm augments them, about each view.
 * 4. Every arm is trained with every seed by `fineTune` or `distill`, and asked about the test images once, at its end.
 * 5. `compare` tests the arms against the baseline.
 *
 * Called again it goes on: finished runs are kept, one that was stopped goes on from its checkpoint.
 *
 * In `outputDir`: `study.html` with all of it, its curves as `accuracy.svg`, the files of `compare`, a folder for each run, `images/` and `teacher/`, which
 * are only there to be fast and may be removed.
 *
 * @throws {KdError} INVALID_DATA for a teacher no better than chance; as `distill` and `compare`
 *
 * @example
 * import { arrayDataset } from '@kd/data';
 * import { mlp } from '@kd/models';
 * import { study } from '@kd/train/node';
 * const images = { data: Uint8Array.from({ length: 64 * 16 }, (_, i) => ((i >> 4) % 2 ? 255 : 0)), shape: [64, 4, 4] };
 * const data = arrayDataset({ images, labels: Array.from({ length: 64 }, (_, i) => i % 2), classNames: ['dark', 'light'] });
 * const { classNames } = data;
 * const model = (seed: number) => mlp({ inputShape: [4, 4, 1], hiddenSizes: [8], classNames, seed });
 * const { comparison } = await study({
 *   teacher: model(7), // in place of one that has learned something
 *   forceTeacher: true,
 *   student: ({ seed }) => model(seed),
 *   train: data,
 *   validation: data,
 *   test: data,
 *   temperature: 5,
 *   epochs: 1,
 *   seeds: [1, 2],
 *   outputDir: 'runs/study-example',
 * });
 * console.log(comparison.rows.map(({ arm }) => arm)); // [ 'scratch', 'label smoothing', 'distilled' ]
 */
export async function study(options: StudyOptions): Promise<StudyResult> {
  const { seeds = [42], baseline, ifChanged, onProgress, signal } = options;
  const outputDir = resolve(options.outputDir);
  const arms = plannedArms(options);
  const names = arms.map(({ name }) => name);
  checkArms('study', names, baseline); // before the teacher is asked about everything
  const data = await openStudy({ ...options, outputDir });
  const comparison = await compare({
    arms: Object.fromEntries(await Promise.all(arms.map((arm) => armOf(arm, options, data, seeds[0] ?? 0)))),
    seeds,
    outputDir,
    ...(baseline === undefined ? {} : { baseline }),
    ...(ifChanged ? { ifChanged } : {}),
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  });
  const runs = comparison.rows.flatMap(({ arm, seeds: done }) =>
    done.map((seed): StudyRun => {
      const folder = join(outputDir, arm, `seed-${seed}`);
      const { taught } = arms.find(({ name }) => name === arm)!;
      return { arm, seed, outputDir: folder, model: join(folder, modelFolder(taught)) };
    }),
  );
  const report: StudyReport = {
    title: options.title ?? 'Knowledge distillation',
    teacher: data.check,
    comparison,
    curves: await Promise.all(runs.map(readCurve)),
    runs: runs.map(({ arm, seed, outputDir: folder }) => {
      const page = join(folder, 'report.html');
      return { arm, seed, ...(existsSync(page) ? { href: encodeURI(relative(outputDir, page)) } : {}) };
    }),
  };
  await writeFileAtomic(join(outputDir, 'study.html'), studyPage(report));
  await writeFileAtomic(join(outputDir, 'accuracy.svg'), studyCurves(report));
  return { teacher: data.check, comparison, runs };
}

/** What a run has logged of the validation images. */
async function readCurve({ arm, outputDir }: StudyRun): Promise<RunCurve> {
  const text = await readFile(join(outputDir, 'metrics.jsonl'), 'utf8');
  const evaluations = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { eval_accuracy?: number; eval_loss?: number })
    .filter(({ eval_loss }) => eval_loss !== undefined);
  return {
    arm,
    accuracy: evaluations.map(({ eval_accuracy }) => eval_accuracy ?? Number.NaN),
    loss: evaluations.map(({ eval_loss }) => eval_loss!),
  };
}

/** An arm of the comparison: what decides its result, and how it is run. */
async function armOf(
  arm: PlannedArm,
  options: StudyOptions,
  data: StudyData,
  seed: number,
): Promise<[name: string, arm: Arm]> {
  const { name, taught, args } = arm;
  const settings = {
    ...keptOptions(args, Object.keys(decisive(args))),
    student: await describeStudent(arm, seed),
    data: data.fingerprints,
    teacher: taught ? await data.teacher.fingerprint() : null,
  };
  return [name, { settings, run: (context) => runStudyArm(arm, options, data, context) }];
}

/** What there is to know of a student without its weights. */
async function describeStudent({ name, student }: PlannedArm, seed: number): Promise<unknown> {
  const model = await student({ arm: name, seed });
  const { kd = null } = (model.getUserDefinedMetadata() ?? {}) as { kd?: unknown };
  const described = { parameters: model.countParams(), config: kd };
  model.dispose();
  return described;
}
