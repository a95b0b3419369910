import type { Batch } from '@kd/core';
import { crossEntropy } from '@kd/losses';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Callback } from '../callbacks/callback.ts';
import { earlyStopping } from '../callbacks/early-stopping.ts';
import type { StepEngineFactory } from '../engine/step-engine.ts';
import { tfjsEngine } from '../engine/tfjs-engine.ts';
import { modelFingerprint } from '../model-weights.ts';
import { classification } from '../objectives/classification.ts';
import { distillation } from '../objectives/distillation.ts';
import type { Objective } from '../objectives/objective.ts';
import { adam } from '../optimizers/adam.ts';
import { sgd } from '../optimizers/sgd.ts';
import { linearSchedule } from '../schedules/linear.ts';
import { plateauSchedule } from '../schedules/plateau.ts';
import { cachedTeacher } from '../teachers/cached-teacher.ts';
import { modelTeacher } from '../teachers/model-teacher.ts';
import type { Teacher } from '../teachers/teacher.ts';
import { classNames, digits, network, testDigits } from '../testing/digits.ts';
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts';
import { evaluate } from './evaluate.ts';
import { train } from './train.ts';
import type { TrainOptions } from './train-options.ts';

const objective = classification();

/** Aborts a run after so many of its steps. */
function abortAfter(steps: number): { signal: AbortSignal; callback: Callback } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    callback: { onStepEnd: ({ step }) => step === steps && controller.abort() } as Callback,
  };
}

describe('train', () => {
  it('learns real digits', async () => {
    const model = network();
    const before = await evaluate(model, testDigits(1000));
    const { history } = await train({ model, objective, train: digits(2000), epochs: 8, learningRate: 3e-3 });
    const after = await evaluate(model, testDigits(1000));
    expect(before.eval_accuracy).toBeLessThan(0.25);
    expect(after.eval_accuracy).toBeGreaterThan(0.85);
    expect(history.at(-1)!.train_loss).toBeLessThan(history[0]!.train_loss);
  });

  it('gives the same bits for the same seed, and others for another', async () => {
    const run = async (seed: number) => {
      const model = network();
      await train({ model, objective, train: digits(320, { jitter: 2 }), epochs: 2, seed });
      return modelFingerprint(model);
    };
    expect(await run(1)).toBe(await run(1));
    expect(await run(1)).not.toBe(await run(2));
  });

  it('holds a constant number of tensors over 100 steps', async () => {
    const teacher = cachedTeacher(modelTeacher(network({ seed: 2 })));
    const counts: number[] = [];
    const model = network();
    const before = tf.memory().numTensors;
    const optimizer = adam();
    await train({
      model,
      objective: distillation({ teacher }),
      optimizer,
      train: digits(500, { batchSize: 20, jitter: 2 }),
      validation: testDigits(100),
      selectBest: true,
      epochs: 4,
      callbacks: [{ onStepEnd: () => void counts.push(tf.memory().numTensors) }],
    });
    expect(counts).toHaveLength(100);
    expect(new Set(counts).size).toBe(1);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leaves no tensors behind, the moments of its own optimizer included', async () => {
    const model = network();
    const before = tf.memory().numTensors;
    await train({ model, objective, train: digits(64), epochs: 1 });
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    ['in the middle of an epoch', 13],
    ['at the end of an epoch', 20],
    ['at the first step', 1],
  ])('resumes bit for bit when stopped %s', async (_, steps) => {
    const options = () => ({
      objective: distillation({ teacher: cachedTeacher(modelTeacher(network({ seed: 9 }))), temperature: 4 }),
      optimizer: sgd({ momentum: 0.9 }),
      learningRate: 0.05,
      schedule: plateauSchedule({ patience: 0, factor: 0.5 }),
      train: digits(320, { jitter: 2 }), // 10 batches
      validation: testDigits(200),
      selectBest: { metric: 'eval_accuracy', mode: 'max', reloadOnDrop: true } as const,
      epochs: 4,
      seed: 3,
    });
    const whole = network();
    const uninterrupted = await train({ ...options(), model: whole, callbacks: [earlyStopping({ patience: 9 })] });

    const store = memoryCheckpoints();
    const first = network();
    const { signal, callback } = abortAfter(steps);
    const stopped = await train({
      ...options(),
      model: first,
      checkpoints: store,
      signal,
      callbacks: [callback, earlyStopping({ patience: 9 })],
    });
    expect(stopped.stopped).toBe('aborted');
    const second = network({ seed: 77 }); // its own start must not matter
    const resumed = await train({
      ...options(),
      model: second,
      checkpoints: store,
      resume: true,
      callbacks: [earlyStopping({ patience: 9 })],
    });
    expect(await modelFingerprint(second)).toBe(await modelFingerprint(whole));
    const timeless = (history: typeof resumed.history) =>
      history.map(
        ({
          epoch_runtime,
          train_samples_per_second,
          eval_runtime,
          eval_samples_per_second,
          eval_steps_per_second,
          ...rest
        }) => rest,
      );
    expect(timeless(resumed.history)).toEqual(timeless(uninterrupted.history));
    expect(resumed.best).toEqual(uninterrupted.best);
  });

  it('resumes callbacks that are classes or share a name, and what the objective trains', async () => {
    class Counter implements Callback {
      readonly name = 'counter';
      private readonly by: number;
      count = 0;
      constructor(by: number) {
        this.by = by;
      }
      onEpochEnd() {
        this.count += this.by;
      }
      state() {
        return { count: this.count };
      }
      restore({ count }: Readonly<Record<string, number>>) {
        this.count = count!;
      }
    }
    const scale = tf.variable(tf.scalar(1));
    const scaled: Objective = {
      name: 'scaled',
      variables: [{ name: 'scale', variable: scale, trainable: true }],
      loss: ({ studentLogits, labels }) => ({
        loss: crossEntropy(tf.mul(studentLogits, scale), labels!),
        parts: {},
      }),
    };
    const checkpoints = memoryCheckpoints();
    const run = async (epochs: number) => {
      scale.assign(tf.scalar(1));
      const callbacks = [new Counter(1), new Counter(10)];
      await train({
        model: network(),
        objective: scaled,
        train: digits(64),
        epochs,
        callbacks,
        checkpoints,
        resume: true,
      });
      return [...callbacks.map(({ count }) => count), scale.dataSync()[0]];
    };
    const whole = await run(2);
    checkpoints.saved.pop();
    expect(checkpoints.saved).toHaveLength(1);
    expect(await run(2)).toEqual(whole);
    expect(whole.slice(0, 2)).toEqual([2, 20]);
    expect(whole[2]).not.toBe(1);
  });

  it('ends with the weights of the best epoch', async () => {
    const model = network({ dropout: 0 });
    const prints: string[] = [];
    const { history, best } = await train({
      model,
      objective,
      train: digits(320),
      validation: testDigits(300),
      selectBest: true,
      learningRate: 0.05, // so high that the last epoch is not the best
      epochs: 6,
      callbacks: [{ onEpochEnd: async () => void prints.push(await modelFingerprint(model)) }],
    });
    const losses = history.map(({ eval_loss }) => eval_loss as number);
    expect(best).toEqual({
      epoch: losses.indexOf(Math.min(...losses)) + 1,
      step: history[losses.indexOf(Math.min(...losses))]!.step,
      metric: 'eval_loss',
      value: Math.min(...losses),
    });
    expect(await modelFingerprint(model)).toBe(prints[best!.epoch - 1]);
    expect(history.filter(({ is_best }) => is_best).at(-1)!.epoch).toBe(best!.epoch);
  });

  it('goes back to the best weights when the rate drops', async () => {
    const model = network();
    const after: string[] = [];
    const { history } = await train({
      model,
      objective,
      train: digits(320),
      validation: testDigits(200),
      selectBest: { reloadOnDrop: true },
      schedule: { name: 'test', factor: () => 1, onEvaluate: ({ epoch }) => epoch === 2 },
      epochs: 2,
      learningRate: 0.5,
      callbacks: [{ onEpochEnd: async () => void after.push(await modelFingerprint(model)) }],
    });
    const best = history.filter(({ is_best }) => is_best).at(-1)!.epoch;
    expect(history[1]!.best_reloaded).toBe(true);
    expect(after[1]).toBe(after[best - 1]);
  });

  it('stops early, says why, and goes no further when resumed', async () => {
    const checkpoints = memoryCheckpoints();
    const run = () =>
      train({
        model: network(),
        objective,
        train: digits(64),
        validation: testDigits(100),
        learningRate: 1e-9, // nothing can improve by .1
        epochs: 50,
        callbacks: [earlyStopping({ patience: 2, threshold: 0.1 })],
        checkpoints,
        resume: true,
      });
    const result = await run();
    expect(result).toMatchObject({ stopped: 'early', reason: 'eval_loss has not improved for 2 evaluations' });
    expect(result.history).toHaveLength(3);
    const { stopped, reason, history } = await run();
    expect({ stopped, reason, history }).toEqual({ stopped: 'early', reason: result.reason, history: result.history });
  });

  it('keeps to max-norm, the schedule, and the batches it may take', async () => {
    const model = network({ maxNorm: 0.5, batchNorm: false });
    const rates: number[] = [];
    const { steps } = await train({
      model,
      objective,
      train: digits(320),
      epochs: 2,
      maxBatchesPerEpoch: 3,
      learningRate: 0.6,
      schedule: linearSchedule(),
      optimizer: sgd(),
      callbacks: [{ onStepEnd: ({ learningRate }) => void rates.push(learningRate) }],
    });
    expect(steps).toBe(6);
    rates.forEach((rate, i) => {
      expect(rate).toBeCloseTo(0.6 * (1 - i / 6), 12);
    });
    const norms = tf.norm(model.getLayer('fc1').getWeights()[0]!, 2, 0).dataSync();
    for (const norm of norms) expect(norm).toBeLessThan(0.5001);
  });
});

describe('the teacher', () => {
  it('is asked once for each view, never changes, and its student is better for it', async () => {
    const teacherModel = network({ hiddenSizes: [64], dropout: 0, seed: 4 });
    await train({ model: teacherModel, objective, train: digits(3000), epochs: 5, learningRate: 3e-3 });
    const before = await modelFingerprint(teacherModel);
    const teacher = cachedTeacher(modelTeacher(teacherModel, { classNames }));
    const student = network();
    await train({
      model: student,
      objective: distillation({ teacher, temperature: 4 }),
      train: digits(320),
      epochs: 6,
    });
    expect(teacher.counts).toMatchObject({ asked: 320, remembered: 5 * 320 });
    expect(await modelFingerprint(teacherModel)).toBe(before);
    const scratch = network();
    await train({ model: scratch, objective, train: digits(320), epochs: 6 });
    const [taught, alone] = [await evaluate(student, testDigits(1000)), await evaluate(scratch, testDigits(1000))];
    expect(taught.eval_accuracy).toBeGreaterThan(alone.eval_accuracy);
  });

  it('gives the same weights with and without the cache', async () => {
    const run = async (cached: boolean) => {
      const plain = modelTeacher(network({ seed: 4 }));
      const model = network();
      const taught = distillation({ teacher: cached ? cachedTeacher(plain) : plain });
      await train({ model, objective: taught, train: digits(200, { jitter: 1 }), epochs: 3 });
      return modelFingerprint(model);
    };
    expect(await run(true)).toBe(await run(false));
  });

  it('answers each of two data sets with the same ids for itself', async () => {
    const teacher = cachedTeacher(modelTeacher(network({ seed: 4 })));
    const plain = modelTeacher(network({ seed: 4 }));
    const context = { seed: 0, epoch: 0, step: 0, ids: new Uint32Array(0) };
    for (const loader of [digits(32), testDigits(32), digits(32, { normalize: { mean: 0, std: 1 } })]) {
      for await (const batch of loader) {
        expect(await teacher.logits(batch, context)).toEqual(await plain.logits(batch, context));
        const { source: _, ...anonymous } = batch;
        await expect(teacher.logits(anonymous, context)).rejects.toThrow('the batch has no source');
      }
    }
    expect(teacher.counts).toMatchObject({ asked: 96, remembered: 0 });
  });

  it('sees what the batch says of each sample, even if asked about some of them', async () => {
    const plain = modelTeacher(network({ seed: 4 }));
    const seen: Batch[] = [];
    const spy: Teacher = {
      ...plain,
      logits(batch, context) {
        seen.push(batch);
        return plain.logits(batch, context);
      },
    };
    const teacher = cachedTeacher(spy);
    const context = { seed: 0, epoch: 0, step: 0, ids: new Uint32Array(0) };
    for (const batchSize of [3, 5]) {
      for await (const batch of digits(10, { batchSize, shuffle: false, jitter: 1 })) {
        await teacher.logits(batch, context);
        break;
      }
    }
    const [first, rest] = seen as [Batch, Batch];
    for await (const { ids, labels, views, source } of digits(10, { batchSize: 5, shuffle: false, jitter: 1 })) {
      expect(first).toMatchObject({ ids: ids.slice(0, 3), labels: labels!.slice(0, 3), source });
      expect(rest).toMatchObject({ ids: ids.slice(3), labels: labels!.slice(3), views: views!.slice(3), source });
      break;
    }
  });

  it('cannot be swapped or trained under a cache', async () => {
    const teacherModel = network({ seed: 4 });
    const teacher = cachedTeacher(modelTeacher(teacherModel));
    const run = () => train({ model: network(), objective: distillation({ teacher }), train: digits(64), epochs: 1 });
    await run();
    await train({ model: teacherModel, objective, train: digits(64), epochs: 1 });
    await expect(run()).rejects.toThrow("the teacher's weights have changed since it was asked");
    expect(() => cachedTeacher(modelTeacher(teacherModel, { mode: 'training' }))).toThrow(
      'answers differently each time',
    );
  });

  it('may be asked in training mode without a cache, as the notebook does, which moves its running statistics', async () => {
    const teacherModel = network({ seed: 4 });
    const before = await modelFingerprint(teacherModel);
    const teacher = modelTeacher(teacherModel, { mode: 'training' });
    await train({ model: network(), objective: distillation({ teacher }), train: digits(64), epochs: 1 });
    expect(await modelFingerprint(teacherModel)).not.toBe(before);
  });
});

describe('bad input', () => {
  const run = (options: Partial<TrainOptions>) =>
    train({ model: network(), objective, train: digits(64), epochs: 1, ...options });

  it('ends at a loader whose epochs are shorter than it says, instead of waiting for the rest', async () => {
    const loader = digits(64);
    const short: typeof loader = {
      ...loader,
      async *epoch(index, from) {
        for await (const batch of loader.epoch(index, from)) {
          yield batch;
          return;
        }
      },
    };
    await expect(train({ model: network(), objective: classification(), train: short, epochs: 1 })).rejects.toThrow(
      "train: epoch 1 ended after 1 batches, the loader's length says 2",
    );
  });

  it('names a loss that is NaN and keeps what was saved', async () => {
    const store = memoryCheckpoints();
    const poisoned = digits(320);
    const loader = {
      ...poisoned,
      async *epoch(index: number, from?: number) {
        for await (const batch of poisoned.epoch(index, from)) {
          if (index === 1) batch.images.data.fill(Number.NaN);
          yield batch;
        }
      },
    };
    const model = network();
    await expect(run({ model, train: loader, epochs: 2, checkpoints: store })).rejects.toThrow(
      'train: the loss is NaN at step 10, epoch 2, learning rate 0.001 (gradient norm NaN); samples 317, 119, 39, 228, 242, 86, 205, 129, 51, 127, 30, 182, 248, 235, 196, 291 and 16 ' +
        "more; the last good checkpoint is 'memory 1'. Lower the rate",
    );
    expect(store.saved).toHaveLength(1);
    expect(store.saved[0]!.model.every(({ data }) => data.every(Number.isFinite))).toBe(true);
  });

  it('writes no checkpoint of weights that an engine has ruined', async () => {
    const store = memoryCheckpoints();
    const engine: StepEngineFactory = async (made) => {
      const inner = await tfjsEngine()(made);
      let steps = 0;
      return {
        name: 'ruinous',
        async step(input) {
          const result = await inner.step(input);
          steps += 1;
          if (steps === 4)
            for (const { variable } of namedVariables(made.model)) variable.assign(tf.mul(variable, Number.NaN));
          return result;
        },
      };
    };
    await expect(run({ engine, epochs: 2, checkpoints: store })).rejects.toThrow(
      /has values that are no numbers after step 4, so no checkpoint is written; the last good checkpoint is 'memory 1'/,
    );
    expect(store.saved.map(({ state }) => state.global_step)).toEqual([2]);
  });

  it.each<[string, () => Promise<unknown>, string | RegExp]>([
    [
      'a seed that is no whole number',
      () => run({ seed: 1.5 }),
      'train: seed must be an integer in [0, 2^53), got 1.5',
    ],
    ['resuming from nowhere', () => run({ resume: true }), 'train: resume needs checkpoints to go on from'],
    ['half a batch', () => run({ maxBatchesPerEpoch: 1.5 }), 'train: maxBatchesPerEpoch must be an integer >= 1'],
    ['no epochs', () => run({ epochs: 0 }), 'train: epochs must be an integer >= 1, got 0'],
    ['a rate of 0', () => run({ learningRate: 0 }), 'train: learningRate must be > 0, got 0'],
    ['best without validation', () => run({ selectBest: true }), 'train: selectBest needs validation data'],
    [
      'other classes',
      () => run({ model: network({ classNames: ['a', 'b'] }) }),
      "model 'mlp' has 2 outputs, the data 10 classes",
    ],
    [
      'a teacher of other classes',
      () => {
        const teacher = modelTeacher(network(), { classNames: [...classNames].reverse() });
        return run({ objective: distillation({ teacher }) });
      },
      "the teacher's classes (9, 8, 7, 6, 5, 4, 3, 2, 1, 0) are not those of the data (0, 1, 2",
    ],
    [
      'a checkpoint of another run',
      async () => {
        const checkpoints = memoryCheckpoints();
        await run({ checkpoints });
        await run({ checkpoints, resume: true, seed: 8, train: digits(96), epochs: 2 });
      },
      /the checkpoint is of another run: seed was 0, is 8; data was .*; batchesPerEpoch was 2, is 3/,
    ],
    [
      'a checkpoint of another temperature',
      async () => {
        const checkpoints = memoryCheckpoints();
        const teacher = modelTeacher(network({ seed: 2 }));
        await run({ checkpoints, objective: distillation({ teacher, temperature: 4 }) });
        await run({ checkpoints, resume: true, objective: distillation({ teacher, temperature: 5 }) });
      },
      'objective was distillation {"temperature":4}, is distillation {"temperature":5}',
    ],
    [
      'images of another size',
      () => run({ model: network({ inputShape: [32, 32, 1] }) }),
      "train: model 'mlp' takes images of [32,32,1], the batch has [28,28,1]",
    ],
    [
      'a label out of range',
      () => {
        const good = digits(64);
        const epoch = async function* (index: number) {
          for await (const batch of good.epoch(index)) yield { ...batch, labels: batch.labels!.map(() => 10) };
        };
        return run({ train: { ...good, epoch } });
      },
      'train: label 10 of sample',
    ],
  ])('refuses %s', async (_, call, message) => {
    await expect(call()).rejects.toThrow(message);
  });
});
