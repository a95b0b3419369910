import type { NamedTensor } from '@kd/core';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { tfjsEngine } from '../engine/tfjs-engine.ts';
import { evaluate } from '../loop/evaluate.ts';
import { train } from '../loop/train.ts';
import type { TrainOptions } from '../loop/train-options.ts';
import { modelFingerprint } from '../model-weights.ts';
import { classification } from '../objectives/classification.ts';
import { plateauSchedule } from '../schedules/plateau.ts';
import { digits, network, testDigits } from '../testing/digits.ts';
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts';
import { emaDecayAt, emaSettings } from './ema.ts';

const objective = classification();

/** By name, in float64. */
type Values = Record<string, number[]>;

const valuesOf = (model: LayersModel): Values =>
  Object.fromEntries(namedVariables(model).map(({ name, variable }) => [name, Array.from(variable.dataSync())]));

const options = (): Omit<TrainOptions, 'model'> => ({
  objective,
  train: digits(200, { jitter: 1 }), // 7 batches
  epochs: 3,
  learningRate: 0.01,
  seed: 3,
});

describe('ema', () => {
  it.each([
    ['from the start', { decay: 0.9, warmup: false }, () => 0.9],
    ['of long memory', { decay: 0.9999, warmup: false }, () => 0.9999],
    ['with a warm-up', { decay: 0.6 }, (step: number) => Math.min(0.6, (1 + step) / (10 + step))],
  ])('is the average in float64 of what the weights were, statistics included: %s', async (_, ema, decayAt) => {
    const model = network();
    const expected = valuesOf(model);
    await train({
      ...options(),
      model,
      ema,
      callbacks: [
        {
          onStepEnd({ step }) {
            const decay = decayAt(step);
            for (const [name, values] of Object.entries(valuesOf(model))) {
              expected[name] = expected[name]!.map((average, i) => decay * average + (1 - decay) * values[i]!);
            }
          },
        },
      ],
    });
    const got = valuesOf(model);
    expect(Object.keys(got).filter((name) => name.includes('moving_mean'))).toHaveLength(2);
    for (const [name, values] of Object.entries(got)) {
      values.forEach((value, i) => {
        const want = expected[name]![i]!;
        expect(Math.abs(value - want), name).toBeLessThan(2e-6 * Math.max(1, Math.abs(want)));
      });
    }
  });

  it('leaves training alone, and validation and the end have the average', async () => {
    const [plain, averaged] = [memoryCheckpoints(), memoryCheckpoints()];
    const validation = testDigits(200);
    await train({ ...options(), model: network(), validation, checkpoints: plain });
    const model = network();
    const { history } = await train({
      ...options(),
      model,
      validation,
      checkpoints: averaged,
      ema: { decay: 0.8 },
    });
    const [{ ema, model: weights }, without] = [averaged.saved.at(-1)!, plain.saved.at(-1)!];
    expect(weights).toEqual(without.model);
    expect(without.ema).toEqual([]);
    expect(valuesOf(model)).toEqual(asValues(ema));
    expect(asValues(ema)).not.toEqual(asValues(weights));
    expect((await evaluate(model, validation)).eval_loss).toBe(history.at(-1)!.eval_loss);
  });

  it('with validation of the weights still ends with the average', async () => {
    const run = async (ema?: TrainOptions['ema']) => {
      const model = network();
      const { history } = await train({ ...options(), model, validation: testDigits(200), ...(ema ? { ema } : {}) });
      return { print: await modelFingerprint(model), losses: history.map(({ eval_loss }) => eval_loss) };
    };
    const [plain, averaged, weights] = [
      await run(),
      await run({ decay: 0.8 }),
      await run({ decay: 0.8, evaluate: 'weights' }),
    ];
    expect(weights.losses).toEqual(plain.losses);
    expect(weights.print).toBe(averaged.print);
    expect(weights.print).not.toBe(plain.print);
    expect(averaged.losses).not.toEqual(plain.losses);
  });

  it.each([
    ['ema', 'ema'],
    ['weights', 'model'],
  ] as const)('of the best evaluation of the %s it keeps these', async (which, kept) => {
    const model = network({ dropout: 0 });
    const checkpoints = memoryCheckpoints();
    const { best } = await train({
      ...options(),
      model,
      checkpoints,
      ema: { decay: 0.8, evaluate: which },
      validation: testDigits(200),
      selectBest: true,
      learningRate: 0.05, // so high that the last epoch is not the best
      epochs: 6,
    });
    expect(best!.epoch).toBeLessThan(6);
    expect(valuesOf(model)).toEqual(asValues(checkpoints.saved[best!.epoch - 1]![kept]));
  });

  it('goes back to the best weights as these do when the rate drops', async () => {
    const checkpoints = memoryCheckpoints();
    await train({
      ...options(),
      model: network(),
      checkpoints,
      ema: { decay: 0.8 },
      validation: testDigits(200),
      selectBest: { reloadOnDrop: true },
      schedule: { name: 'test', factor: () => 1, onEvaluate: ({ epoch }) => epoch === 2 },
      epochs: 2,
    });
    const { ema, model, best } = checkpoints.saved.at(-1)!;
    expect(ema).toEqual(best);
    expect(model).toEqual(best);
  });

  it.each([
    ['in the middle of an epoch', 10],
    ['at the end of an epoch', 14],
    ['at the first step', 1],
  ])('resumes bit for bit when stopped %s', async (_, steps) => {
    const more = () => ({
      ...options(),
      ema: { decay: 0.9 },
      gradientAccumulationSteps: 2,
      validation: testDigits(200),
      selectBest: { metric: 'eval_accuracy', mode: 'max', reloadOnDrop: true } as const,
      schedule: plateauSchedule({ patience: 0, factor: 0.5 }),
      epochs: 5,
    });
    const [whole, store] = [memoryCheckpoints(), memoryCheckpoints()];
    const first = network();
    const straight = await train({ ...more(), model: first, checkpoints: whole });
    const controller = new AbortController();
    await train({
      ...more(),
      model: network(),
      checkpoints: store,
      signal: controller.signal,
      callbacks: [{ onStepEnd: ({ step }) => void (step === steps && controller.abort()) }],
    });
    const second = network({ seed: 77 });
    const resumed = await train({ ...more(), model: second, checkpoints: store, resume: true });
    const { model, ema, optimizer, best } = whole.saved.at(-1)!;
    expect(store.saved.at(-1)).toMatchObject({ model, ema, optimizer, best });
    expect(await modelFingerprint(second)).toBe(await modelFingerprint(first));
    expect(resumed.best).toEqual(straight.best);
  });

  it('is another run with another decay', async () => {
    const checkpoints = memoryCheckpoints();
    await train({ ...options(), model: network(), checkpoints, epochs: 1, ema: {} });
    const run = (ema: TrainOptions['ema']) =>
      train({ ...options(), model: network(), checkpoints, epochs: 1, resume: true, ...(ema ? { ema } : {}) });
    await expect(run({ decay: 0.5 })).rejects.toThrow('ema was {"decay":0.9999,"warmup":true,"evaluate":"ema"}, is');
    await expect(run(undefined)).rejects.toThrow('is null');
    await run({ decay: 0.9999 }); // the default
  });

  it('of frozen weights keeps their bits', async () => {
    const model = network();
    model.getLayer('fc1').trainable = false;
    const before = valuesOf(model);
    const checkpoints = memoryCheckpoints();
    await train({ ...options(), model, checkpoints, ema: { decay: 0.9 }, maxGradNorm: 0.1 });
    const { model: weights, ema } = checkpoints.saved.at(-1)!;
    for (const name of ['fc1/kernel', 'fc1/bias']) {
      expect(asValues(weights)[name]).toEqual(before[name]);
      expect(asValues(ema)[name]).toEqual(before[name]);
    }
    expect(asValues(ema)['fc2/kernel']).not.toEqual(before['fc2/kernel']);
  });

  it('syncs an engine that has weights of its own and cannot average', async () => {
    const model = network();
    const calls: string[] = [];
    await train({
      ...options(),
      model,
      train: digits(64),
      epochs: 1,
      ema: {},
      engine: async (run) => {
        const inner = await tfjsEngine()(run);
        return { ...inner, sync: async () => void calls.push('sync') };
      },
      callbacks: [{ onStepEnd: () => void calls.push('step') }],
    });
    expect(calls).toEqual(['sync', 'step', 'sync', 'step', 'sync']);
  });

  it('holds a constant number of tensors, and none in the end', async () => {
    const model = network();
    const before = tf.memory().numTensors;
    const counts = new Set<number>();
    await train({
      ...options(),
      model,
      validation: testDigits(100),
      selectBest: true,
      ema: {},
      callbacks: [{ onStepEnd: ({ step }) => void (step > 1 && counts.add(tf.memory().numTensors)) }],
    });
    expect(counts.size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    [{ decay: 1 }, 'train: ema.decay must be in [0, 1), got 1'],
    [{ decay: Number.NaN }, 'train: ema.decay must be in [0, 1), got NaN'],
    [{ evaluate: 'both' as never }, "train: ema.evaluate must be 'ema' or 'weights', got 'both'"],
  ])('refuses %o', async (ema, message) => {
    await expect(train({ ...options(), model: network(), ema })).rejects.toThrow(message);
  });
});

// The formula of `num_updates` in tf.train.ExponentialMovingAverage, by hand.
it.each([
  [1, 2 / 11],
  [90, 0.91],
  [8989, 8990 / 8999],
  [1e6, 0.999],
])('the decay at step %i', (step, expected) => {
  expect(emaDecayAt(step, emaSettings({ decay: 0.999 }))).toBeCloseTo(expected, 12);
  expect(emaDecayAt(step, emaSettings({ decay: 0.999, warmup: false }))).toBe(0.999);
});

const asValues = (tensors: readonly NamedTensor[]): Values =>
  Object.fromEntries(tensors.map(({ name, data }) => [name, Array.from(data as Float32Array)]));
