import { crossEntropy } from '@kd/losses';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { train } from '../loop/train.ts';
import type { TrainOptions } from '../loop/train-options.ts';
import { modelFingerprint } from '../model-weights.ts';
import { classification } from '../objectives/classification.ts';
import type { Objective } from '../objectives/objective.ts';
import { adamW } from '../optimizers/adam.ts';
import { digits, network } from '../testing/digits.ts';
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts';
import { outcome, poisoned, without } from '../testing/not-finite.ts';
import type { StepEngineFactory } from './step-engine.ts';

/** Cross-entropy whose gradient is 0 / 0 at some calls. */
function ruinous(bad: readonly number[]): Objective {
  let call = 0;
  return {
    name: 'ruinous',
    loss({ studentLogits, labels }) {
      const loss = crossEntropy(studentLogits, labels!);
      if (!bad.includes(call++)) return { loss, parts: { alone: loss } };
      const root = tf.sqrt(tf.sum(tf.mul(studentLogits, 0))); // 0
      return { loss: tf.add(loss, root), parts: { alone: loss } };
    },
  };
}

describe("onNotFinite 'skip'", () => {
  const BAD = [1, 6];

  it.each<[string, Partial<TrainOptions>]>([
    ['a loss that is NaN', { train: poisoned(160, BAD) }],
    ['gradients that are NaN', { objective: { ...ruinous(BAD), name: 'classification' } }],
    ['a loss that is NaN, with clipping', { train: poisoned(160, BAD), maxGradNorm: 0.1 }],
  ])('leaves weights, statistics and moments as they were at %s', async (_, options) => {
    const { maxGradNorm } = options;
    const expected = await outcome({ engine: without(BAD), ...(maxGradNorm ? { maxGradNorm } : {}) });
    const skipping = await outcome(options);
    expect(skipping.skipped).toBe(2);
    expect(skipping.weights).toEqual(expected.weights);
    expect(skipping.optimizer).toEqual(expected.optimizer);
    const losses = ({ log }: typeof skipping) =>
      log.map(({ loss, step, skipped_batches }) => [loss, step, skipped_batches]);
    expect(losses(skipping)).toEqual(losses(expected));
    expect(skipping.log.map((entry) => entry.skipped_batches)).toEqual([1, 1, 1, 2, 2]);
    for (const entry of skipping.log) expect(Object.values(entry).every(Number.isFinite)).toBe(true);
  });

  it.each([
    ['the first', 0],
    ['one in the middle', 1],
    ['the one that updates', 2],
  ])('goes along the mean of the others where gradients are accumulated: without %s of three', async (_, bad) => {
    const expected = await outcome({ engine: without([bad]), gradientAccumulationSteps: 3 });
    const clean = await outcome({ gradientAccumulationSteps: 3 });
    const skipping = await outcome({ train: poisoned(160, [bad]), gradientAccumulationSteps: 3 });
    if (bad < 2) {
      expect(skipping.weights).toEqual(expected.weights);
      expect(skipping.optimizer).toEqual(expected.optimizer);
    }
    expect(skipping.fingerprint).not.toBe(clean.fingerprint);
    const steps = skipping.optimizer.filter(({ name }) => name.startsWith('step/'));
    for (const { data } of steps) expect(data[0]).toBe(4); // no update is left out
  });

  it('leaves out an update none of whose batches is any good', async () => {
    const { optimizer, skipped } = await outcome({ train: poisoned(160, [0, 1, 2]), gradientAccumulationSteps: 3 });
    expect(skipped).toBe(3);
    const steps = optimizer.filter(({ name }) => name.startsWith('step/'));
    expect(steps.length).toBeGreaterThan(0);
    for (const { data } of steps) expect(data[0]).toBe(3);
  });

  it('resumes bit for bit, behind a batch that was skipped', async () => {
    const bad = [1, 3];
    const whole = await outcome({ train: poisoned(160, bad) });
    const checkpoints = memoryCheckpoints();
    const controller = new AbortController();
    const callbacks = [{ onStepEnd: ({ step }: { step: number }) => void (step === 3 && controller.abort()) }];
    await outcome({ train: poisoned(160, bad), checkpoints, callbacks, signal: controller.signal });
    const model = network({ seed: 8 });
    const rest = await train({
      model,
      objective: classification(),
      train: poisoned(160, bad),
      epochs: 2,
      optimizer: adamW({ weightDecay: 0.01 }),
      onNotFinite: 'skip',
      loggingStrategy: 'steps',
      loggingSteps: 2,
      checkpoints,
      resume: true,
    });
    expect(await modelFingerprint(model)).toBe(whole.fingerprint);
    expect(rest.logHistory.slice(0, -1)).toEqual(whole.log);
    expect(rest.skipped_batches).toBe(2);
  });

  it('says so where the engine cannot', async () => {
    const careless: StepEngineFactory = () => ({
      name: 'careless',
      step: async () => ({ loss: Number.NaN, parts: {}, logits: new Float32Array(320) }),
    });
    await expect(outcome({ engine: careless })).rejects.toThrow('The engine careless cannot skip such a batch');
  });

  it('holds a constant number of tensors', async () => {
    const counts: number[] = [];
    const callbacks = [{ onStepEnd: () => void counts.push(tf.memory().numTensors) }];
    await outcome({ train: poisoned(160, [1, 3, 4, 6]), callbacks });
    expect(new Set(counts.slice(1)).size).toBe(1);
  });
});

describe("onNotFinite 'stop'", () => {
  it('names step, samples, parts, norm and the last good checkpoint, and leaves the weights alone', async () => {
    const model = network();
    const checkpoints = memoryCheckpoints();
    const run = train({
      model,
      objective: ruinous([4]),
      train: digits(64, { batchSize: 20, shuffle: false }), // 4 batches
      epochs: 3,
      maxGradNorm: 1,
      checkpoints,
    });
    await expect(run).rejects.toThrow(
      /^train: the loss is [\d.]+, but its gradients are not finite, at step 4, epoch 2, learning rate 0\.001 \(alone [\d.]+, gradient norm NaN\); samples 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 and 4 more; the last good checkpoint is 'memory 1'\. Lower the rate/,
    );
    await expect(run).rejects.toMatchObject({ code: 'NOT_FINITE' });
    const now = await modelFingerprint(model);
    const saved = network({ seed: 5 });
    await train({
      model: saved,
      objective: { ...ruinous([]) },
      train: digits(64, { batchSize: 20, shuffle: false }),
      epochs: 1,
      maxGradNorm: 1,
      checkpoints,
      resume: true,
    });
    expect(now).toBe(await modelFingerprint(saved)); // the weights of the checkpoint
  });

  it('says where a resumed run came from', async () => {
    const checkpoints = memoryCheckpoints();
    const load = async () => ({ ...(await checkpoints.load())!, path: 'runs/x/checkpoint-5' });
    const options = { objective: classification(), train: poisoned(160, [5]), checkpoints: { ...checkpoints, load } };
    await train({ ...options, model: network(), epochs: 1 });
    await expect(train({ ...options, model: network(), epochs: 2, resume: true })).rejects.toThrow(
      "the last good checkpoint is 'runs/x/checkpoint-5'",
    );
  });
});
