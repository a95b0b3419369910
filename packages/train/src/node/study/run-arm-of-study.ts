import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULTS } from '../../arguments/defaults.ts';
import { withFastForward } from '../../engine/with-fast-forward.ts';
import type { ArmContext, ArmResult } from '../../experiments/arm.ts';
import { computedMetrics } from '../../loop/compute-metrics.ts';
import { predictLogits } from '../../loop/predict-logits.ts';
import { distill } from '../distill.ts';
import { fineTune } from '../fine-tune.ts';
import { htmlReport } from '../html-report.ts';
import { progressBar } from '../progress/progress-bar.ts';
import type { TrainerOptions } from '../trainer/options.ts';
import type { TrainerResult } from '../trainer/run-trainer.ts';
import { seeTheSame, splitLoader } from './data.ts';
import { isChanged, type PlannedArm, type StudyOptions } from './options.ts';
import type { StudyData } from './study-data.ts';

/** Where `distill` and `fineTune` put the final model. */
export const modelFolder = (taught: boolean): string => (taught ? 'student' : 'model');

/** One run: trains a student, and asks it once about the test images. */
export async function runStudyArm(
  plan: PlannedArm,
  { callbacks, computeMetrics, engine }: StudyOptions,
  data: StudyData,
  { seed, outputDir, signal }: ArmContext,
): Promise<ArmResult> {
  const { name, taught, student, args } = plan;
  const model = await student({ arm: name, seed });
  try {
    const run = {
      ...args,
      ...(await dataOf(plan, data, seed)),
      callbacks: callbacks?.({ arm: name, seed, outputDir }) ?? [
        progressBar(),
        htmlReport(join(outputDir, 'report.html'), { title: `${name}, seed ${seed}` }),
      ],
      seed,
      outputDir,
      signal,
      ...((await checkpoints(outputDir)).length > 0 ? { resumeFromCheckpoint: true } : {}),
    } as TrainerOptions;
    const result = taught
      ? await distill({
          ...run,
          student: model,
          teacher: isChanged(args) ? data.teacher : data.labelled,
          teacherCache: false,
        })
      : await fineTune({ ...run, model });
    if (result.stopped === 'aborted') return {};
    const predictions = await withFastForward(engine, model, (fast) => predictLogits(model, data.loaders.test, fast));
    for (const checkpoint of await checkpoints(outputDir)) await rm(join(outputDir, checkpoint), { recursive: true });
    return {
      predictions,
      metrics: {
        ...(computeMetrics ? computedMetrics(computeMetrics, predictions) : {}),
        ...validated(result),
        train_runtime: result.train_runtime,
        train_samples_per_second: result.train_samples_per_second,
      },
    };
  } finally {
    model.dispose();
  }
}

/** The data for one run: prepared once, or as it came where it is changed in each epoch. */
async function dataOf(
  { args, taught }: PlannedArm,
  { processors, splits, loaders }: StudyData,
  seed: number,
): Promise<Partial<TrainerOptions>> {
  const { student: processor, teacher } = processors;
  const shared = { validation: loaders.validation, ...(processor ? { processor } : {}) };
  if (isChanged(args)) {
    const train = splits.train.given;
    const seesOther = taught && teacher && !seeTheSame(processors);
    return { ...shared, train, ...(seesOther ? { teacherProcessor: teacher } : {}) };
  }
  const { perDeviceTrainBatchSize: batchSize = DEFAULTS.perDeviceTrainBatchSize, dataSeed, normalize } = args;
  const settings = { processor, batchSize, ...(normalize ? { normalize } : {}), seed: dataSeed ?? seed };
  return { ...shared, train: await splitLoader(splits.train, settings) };
}

/** Names of the checkpoints in a folder. */
async function checkpoints(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /^checkpoint-\d+$/.test(name));
}

const SPEED = /_(runtime|per_second)$/;

/** `validation_accuracy` and so on: the comparison's own `eval_accuracy` is that of the test images. */
function validated(result: TrainerResult): Record<string, number> {
  return Object.fromEntries(
    Object.entries(result).flatMap(([name, value]) =>
      name.startsWith('eval_') && !SPEED.test(name) ? [[name.replace(/^eval/, 'validation'), value as number]] : [],
    ),
  );
}
