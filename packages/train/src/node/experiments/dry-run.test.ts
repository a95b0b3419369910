import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { augmentation } from '@kd/data';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { countEvents, newEpochs } from '../../experiments/dry-run/count-events.ts';
import { makePlan } from '../../loop/plan.ts';
import { train } from '../../loop/train.ts';
import type { TrainOptions } from '../../loop/train-options.ts';
import { modelFingerprint } from '../../model-weights.ts';
import { classification } from '../../objectives/classification.ts';
import { distillation } from '../../objectives/distillation.ts';
import { adam } from '../../optimizers/adam.ts';
import { cachedTeacher } from '../../teachers/cached-teacher.ts';
import { modelTeacher } from '../../teachers/model-teacher.ts';
import { digits, network, testDigits } from '../../testing/digits.ts';
import { memoryCheckpoints } from '../../testing/memory-checkpoints.ts';
import { checkpointFolder } from '../checkpoint-folder.ts';
import { dryRun } from './dry-run.ts';

/** A run that is long enough to be measured, and what it did and took. */
async function trainAndCount(options: TrainOptions) {
  const counts = { steps: 0, evaluations: 0, checkpoints: 0 };
  const result = await train({
    ...options,
    callbacks: [
      {
        onStepEnd: () => void counts.steps++,
        onEvaluate: () => void counts.evaluations++,
        onSave: () => void counts.checkpoints++,
      },
    ],
  });
  return { counts, seconds: result.train_runtime };
}

describe('dryRun', () => {
  it('counts what a distillation does, and comes near to its time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kd dry run '));
    const ratios: number[] = [];
    // Others may keep the machine busy during one of the two; not every time.
    for (let attempt = 0; attempt < 8 && !ratios.some((ratio) => ratio > 1 / 1.5 && ratio < 1.5); attempt++) {
      const teacher = cachedTeacher(modelTeacher(network({ hiddenSizes: [256, 256], seed: 9 })));
      const options: TrainOptions = {
        model: network({ hiddenSizes: [64, 64], seed: attempt }),
        objective: distillation({ teacher, temperature: 4 }),
        train: digits(1600, { seed: 3 }),
        validation: testDigits(1000),
        epochs: 6,
        gradientAccumulationSteps: 2,
        checkpoints: checkpointFolder(join(folder, `${attempt}`)),
      };
      const { counts, seconds } = await dryRun(options);
      expect(teacher.counts.asked).toBe(1600); // more steps than an epoch has
      const real = await trainAndCount(options);
      expect(counts).toEqual({ ...real.counts, epochs: 6, samples: 6 * 1600, teacherSamples: 1600 });
      expect(real.counts).toEqual({ steps: 150, evaluations: 6, checkpoints: 6 });
      expect(teacher.counts.asked).toBe(1600); // the run did not ask for what was known
      const { start, training, teacher: asking, evaluations, checkpoints, total } = seconds;
      expect(start + training + asking + evaluations + checkpoints).toBeCloseTo(total, 9);
      for (const part of [training, asking, evaluations, checkpoints]) expect(part).toBeGreaterThan(0);
      expect(seconds.training).toBeCloseTo(150 * seconds.step, 9);
      ratios.push(total / real.seconds);
    }
    expect(
      ratios.some((ratio) => ratio > 1 / 1.5 && ratio < 1.5),
      `estimate / real: ${ratios}`,
    ).toBe(true);
    await rm(folder, { recursive: true });
  }, 240_000);

  it('asks a cached teacher about its few batches, and counts those that it knew before for nothing', async () => {
    const teacher = cachedTeacher(modelTeacher(network({ seed: 9 })));
    const options = { model: network(), objective: distillation({ teacher }), train: digits(640), epochs: 5 };
    const { counts } = await dryRun(options, { steps: 5 });
    expect(teacher.counts.asked).toBe(5 * 32);
    expect(counts.teacherSamples).toBe(640);
    const again = await dryRun(options, { steps: 10 });
    expect(again.counts.teacherSamples).toBe(320); // half of what it saw was known
    const live = { ...options, objective: distillation({ teacher: modelTeacher(network({ seed: 9 })) }) };
    expect((await dryRun(live, { steps: 5 })).counts.teacherSamples).toBe(5 * 640);
  });

  it('leaves weights, moments, checkpoints and tensors as they were', async () => {
    const optimizer = adam();
    const model = network();
    const checkpoints = memoryCheckpoints();
    const told: string[] = [];
    const options: TrainOptions = {
      model,
      objective: classification(),
      train: digits(320),
      validation: testDigits(300),
      epochs: 2,
      optimizer,
      learningRate: 0.01,
      ema: { decay: 0.9 },
      selectBest: true,
      checkpoints,
      resume: true,
      callbacks: [{ onTrainBegin: () => void told.push('begin'), onStepEnd: () => void told.push('step') }],
    };
    await train({ ...options, epochs: 1 }); // moments that are not zero
    told.length = 0;
    const state = async () => [
      await modelFingerprint(model),
      (await optimizer.state()).map(({ name, data }) => [name, Array.from(data)]),
      checkpoints.saved.length,
      tf.memory().numTensors,
    ];
    const before = structuredClone(await state());
    await dryRun(options);
    expect(await state()).toEqual(before);
    expect(told).toEqual([]);
    const straight = network();
    const fresh = { ...options, checkpoints: memoryCheckpoints(), callbacks: [] };
    await train({ ...fresh, model: straight, optimizer: adam() });
    await train(options);
    expect(await modelFingerprint(model)).toBe(await modelFingerprint(straight));
    optimizer.dispose();
  });

  it('puts everything back also where a step fails', async () => {
    const model = network();
    const before = await modelFingerprint(model);
    let asked = 0;
    const teacher = { ...modelTeacher(network({ seed: 4 })) };
    const logits: typeof teacher.logits = (batch, context) => {
      if (asked++ === 2) throw new Error('the teacher is gone');
      return modelTeacher(network({ seed: 4 })).logits(batch, context);
    };
    const options = {
      model,
      objective: distillation({ teacher: { ...teacher, logits } }),
      train: digits(320),
      epochs: 1,
    };
    await expect(dryRun(options)).rejects.toThrow('the teacher is gone');
    expect(await modelFingerprint(model)).toBe(before);
  });

  it('warns of what is over its limits, and leaves no files', async () => {
    const folders = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('kd-dry-run-'));
    const before = await folders();
    const options: TrainOptions = {
      model: network(),
      objective: classification(),
      train: digits(64),
      epochs: 1000,
      checkpoints: memoryCheckpoints(),
      saveStrategy: 'no',
    };
    const { warnings, summary, memory, measuredSteps } = await dryRun(options, {
      steps: 5,
      limits: { seconds: 0.001, memory: 1e6 },
    });
    expect(warnings).toEqual([
      expect.stringMatching(/^The run will take about .*, more than the limit of 0\.001 s: 2,000 steps of /),
      expect.stringMatching(/^The run takes .*B of memory, more than the limit of 1\.0 MB; smaller batches/),
    ]);
    expect(summary).toContain('1,000 epochs, by 5 steps');
    expect(summary).toContain(warnings[0]);
    expect(memory.peak).toBeGreaterThan(process.memoryUsage.rss() / 2);
    expect(measuredSteps).toBe(5);
    expect(await folders()).toEqual(before);
    expect((await dryRun(options, { limits: { seconds: 1e9, memory: 1e15 } })).warnings).toEqual([]);
  });

  it.each([
    [{ steps: 2 }, 'dryRun: steps must be an integer >= 3, got 2'],
    [{ seconds: 0 }, 'dryRun: seconds must be > 0, got 0'],
  ])('refuses %o', async (options, message) => {
    const run = { model: network(), objective: classification(), train: digits(64), epochs: 1 };
    await expect(dryRun(run, options)).rejects.toThrow(message);
  });
});

describe('what a run does, counted without doing it', () => {
  const base = { model: network(), objective: classification(), train: digits(320), validation: testDigits(100) };
  it.each<[string, Partial<TrainOptions>]>([
    ['every epoch', { epochs: 2 }],
    [
      'steps that do not divide an epoch',
      { epochs: 2, evalStrategy: 'steps', evalSteps: 3, saveStrategy: 'steps', saveSteps: 4 },
    ],
    [
      'a share of all steps, late',
      { epochs: 2, evalStrategy: 'steps', evalSteps: 0.2, evalDelay: 9, saveSteps: 6, saveStrategy: 'steps' },
    ],
    ['steps alone, ending inside an epoch', { maxSteps: 13 }],
    ['accumulation, fewer batches', { epochs: 3, gradientAccumulationSteps: 3, maxBatchesPerEpoch: 7 }],
    ['nothing but training', { epochs: 2, evalStrategy: 'no', saveStrategy: 'no' }],
  ])('%s', async (_, more) => {
    const options: TrainOptions = { ...base, model: network(), ...more, checkpoints: memoryCheckpoints() };
    const { counts } = await trainAndCount(options);
    expect(countEvents(makePlan(options, Math.min(10, more.maxBatchesPerEpoch ?? 10)), true)).toEqual(counts);
  });

  it.each<[string, number, Parameters<typeof digits>[1], number]>([
    ['the same pixels', 9, {}, 1],
    ['3 views', 9, { augment: augmentation([{ type: 'horizontalFlip' }], { views: 3 }) }, 3],
    ['more views than epochs', 2, { augment: augmentation([{ type: 'horizontalFlip' }], { views: 3 }) }, 2],
    ['new pixels every time', 9, { augment: augmentation([{ type: 'horizontalFlip' }]) }, 9],
  ])('epochs that show something new: %s', async (_, epochs, options, expected) => {
    expect(await newEpochs(digits(64, options), epochs)).toBe(expected);
  });
});
