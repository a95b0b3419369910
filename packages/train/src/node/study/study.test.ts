import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ImageDataset, KdError, readSafetensors } from '@kd/core';
import { augmentation, dataLoader, MNIST_NORMALIZATION, subset } from '@kd/data';
import { loadMnist } from '@kd/data/node';
import { accuracy } from '@kd/metrics';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Callback } from '../../callbacks/callback.ts';
import { predictLogits } from '../../loop/predict-logits.ts';
import { train as trainModel } from '../../loop/train.ts';
import { classification } from '../../objectives/classification.ts';
import { modelTeacher } from '../../teachers/model-teacher.ts';
import type { Teacher } from '../../teachers/teacher.ts';
import { digits, network } from '../../testing/digits.ts';
import { readPredictions } from '../predictions-file.ts';
import type { StudyOptions } from './options.ts';
import { study } from './study.ts';

const normalize = MNIST_NORMALIZATION;
const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

let split: Record<'train' | 'validation' | 'test', ImageDataset>;
let teacherModel: LayersModel;
beforeAll(async () => {
  const { train, test } = await loadMnist();
  split = {
    train: subset(train, range(0, 300)),
    validation: subset(train, range(2000, 200)),
    test: subset(test, range(0, 300)),
  };
  teacherModel = network({ hiddenSizes: [100], seed: 9 });
  await trainModel({
    model: teacherModel,
    objective: classification(),
    train: digits(2000),
    epochs: 3,
    learningRate: 0.01,
  });
}, 60_000);

let outputDir: string;
beforeEach(async () => {
  outputDir = await mkdtemp(join(tmpdir(), 'kd study '));
});
afterEach(() => rm(outputDir, { recursive: true }));

/** A teacher that keeps count of the images it is asked about. */
function counted(): Teacher & { asked: number } {
  const teacher = {
    ...modelTeacher(teacherModel),
    classNames: split.train.classNames,
    asked: 0,
    async logits(...question: Parameters<Teacher['logits']>) {
      teacher.asked += question[0].ids.length;
      return modelTeacher(teacherModel).logits(...question);
    },
  };
  return teacher;
}

const options = (more: Partial<StudyOptions> = {}): StudyOptions => ({
  teacher: counted(),
  student: ({ seed }) => network({ seed }),
  ...split,
  normalize,
  temperature: 4,
  lambda: 0.9,
  epochs: 3,
  learningRate: 0.01,
  perDeviceTrainBatchSize: 30,
  saveStrategy: 'epoch',
  saveTotalLimit: 1,
  callbacks: () => [],
  onWarning: () => undefined,
  outputDir,
  ...more,
});

/** All but PyTorch's counts of batches, which nobody reads here and a checkpoint does not have. */
async function floats(folder: string, file: string) {
  const { tensors } = readSafetensors(await readFile(join(folder, 'distilled', 'seed-42', file)));
  return tensors.filter(({ name }) => !name.endsWith('num_batches_tracked'));
}

describe('study', () => {
  it('checks the teacher, asks it once, trains every arm and compares them on the test images', async () => {
    const teacher = counted();
    const said: string[] = [];
    const given = options({ teacher, seeds: [1, 2], onPhase: (line) => said.push(line) });
    const { teacher: check, comparison, runs } = await study(given);

    const { logits, labels } = await predictLogits(
      teacherModel,
      dataLoader(split.validation, { batchSize: 100, normalize }),
    );
    expect(check.accuracy).toBeCloseTo(accuracy(logits, labels!), 12);
    expect(check.accuracy).toBeGreaterThan(0.8);
    expect(check.chance).toBeLessThan(0.2);
    expect(teacher.asked).toBe(500); // of validation and training images once, for three arms, two seeds and three epochs
    expect(said[1]).toContain(`of 200 validation images`);

    expect(comparison.rows.map(({ arm, seeds }) => [arm, seeds])).toEqual([
      ['scratch', [1, 2]],
      ['label smoothing', [1, 2]],
      ['distilled', [1, 2]],
    ]);
    expect(comparison.baseline).toBe('scratch');
    const row = comparison.rows[2]!;
    expect(row.test).toMatchObject({ over: 'seeds and images', images: 300 });
    // The figures, from the files alone.
    const { outputDir: folder } = runs.find(({ arm, seed }) => arm === 'distilled' && seed === 2)!;
    const answers = await readPredictions(join(folder, 'result.safetensors'));
    expect(accuracy(answers.logits, answers.labels!)).toBe(row.values[1]);
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    expect(config).toMatchObject({ task: 'distill', options: { temperature: 4, lambda: 0.9 } });
    const smoothed = JSON.parse(await readFile(join(outputDir, 'label smoothing', 'seed-1', 'config.json'), 'utf8'));
    expect(smoothed).toMatchObject({ task: 'fineTune', arguments: { labelSmoothingFactor: 0.1 } });
    expect((await readdir(folder)).sort()).toEqual(
      ['config.json', 'logs', 'metrics.jsonl', 'result.json', 'result.safetensors', 'settings.json', 'student'].sort(),
    ); // its checkpoints are gone

    const page = await readFile(join(outputDir, 'study.html'), 'utf8');
    expect(page).toContain(comparison.sentences[1]!.replaceAll("'", '&#39;'));
    expect(page).not.toMatch(/NaN|undefined/);
    expect(await readFile(join(outputDir, 'accuracy.svg'), 'utf8')).toMatch(/^<svg xmlns.*distilled/s);
  }, 120_000);

  it('goes on where it was stopped, to the same bits, and repeats nothing that is done', async () => {
    const whole = join(outputDir, 'whole');
    const stopped = join(outputDir, 'stopped');
    await study(options({ outputDir: whole }));
    const stop = new AbortController();
    const events: string[] = [];
    const more = (signal?: AbortSignal): StudyOptions =>
      options({
        outputDir: stopped,
        ...(signal ? { signal } : {}),
        onProgress: ({ type, arm }) => events.push(`${type} ${arm}`),
        callbacks: ({ arm }): Callback[] =>
          signal && arm === 'distilled' ? [{ onStepEnd: ({ step }) => void (step === 15 && stop.abort()) }] : [],
      });
    await expect(study(more(stop.signal))).rejects.toMatchObject({ code: 'ABORTED' });
    expect(existsSync(join(stopped, 'distilled', 'seed-42', 'result.json'))).toBe(false);
    events.length = 0;
    await study(more());
    expect(events).toEqual(['found scratch', 'found label smoothing', 'started distilled', 'finished distilled']);
    for (const file of ['result.safetensors', 'student/model.safetensors']) {
      const [first, second] = await Promise.all([whole, stopped].map((folder) => floats(folder, file)));
      expect(second, file).toEqual(first);
    }
  }, 120_000);

  it('refuses a teacher that may know nothing, before anything is trained', async () => {
    const teacher = network({ hiddenSizes: [4], seed: 3 });
    const error: unknown = await study(options({ teacher })).catch((reason) => reason);
    expect(KdError.isInstance(error) && error.code).toBe('INVALID_DATA');
    expect(String(error)).toMatch(
      /study: the teacher is right on [\d.]+% of 200 validation images .* Fine-tune it .* forceTeacher: true$/,
    );
    expect(existsSync(join(outputDir, 'scratch'))).toBe(false);
    const forced = await study(
      options({ teacher, forceTeacher: true, epochs: 1, arms: { a: { teacher: false }, b: {} } }),
    );
    expect(forced.comparison.rows).toHaveLength(2);
  }, 60_000);

  it('has the teacher see what the student sees where images are changed', async () => {
    const teacher = counted();
    const augment = augmentation([{ type: 'jitter', pixels: 2 }], { views: 2 });
    const arms = {
      scratch: { teacher: false },
      distilled: {},
      'one view': { augment: augmentation([], { views: 1 }) },
    };
    const { comparison } = await study(options({ teacher, augment, arms }));
    expect(comparison.rows.map(({ seeds }) => seeds)).toEqual([[42], [42], [42]]);
    // The validation images; two views of each training image in three epochs; and one.
    expect(teacher.asked).toBe(200 + 2 * 300 + 300);
  }, 60_000);

  it('takes other settings for another run, and engines for none', async () => {
    const arms = { scratch: { teacher: false }, distilled: {} } as const;
    await study(options({ arms, epochs: 1 }));
    const again = await study(options({ arms, epochs: 1, dataloaderNumWorkers: 0 }));
    expect(again.comparison.rows).toHaveLength(2);
    await expect(study(options({ arms, epochs: 1, temperature: 2 }))).rejects.toThrow(/temperature was 4, is 2/);
    await expect(study(options({ arms: { scratch: { teacher: false } } }))).rejects.toThrow(/needs two or more arms/);
  }, 60_000);
});
