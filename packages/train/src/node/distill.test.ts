import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KdError } from '@kd/core';
import { dataLoader, MNIST_NORMALIZATION, mixup, subset } from '@kd/data';
import { loadMnist } from '@kd/data/node';
import { getModelConfig, mlp } from '@kd/models';
import { fromPretrained, loadModel } from '@kd/models/node';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Callback } from '../callbacks/callback.ts';
import { train } from '../loop/train.ts';
import { modelFingerprint } from '../model-weights.ts';
import { distillation } from '../objectives/distillation.ts';
import { adamW } from '../optimizers/adam.ts';
import { NO_WEIGHT_DECAY } from '../optimizers/parameter-groups.ts';
import { cosineSchedule } from '../schedules/cosine.ts';
import { modelTeacher } from '../teachers/model-teacher.ts';
import { classNames, network } from '../testing/digits.ts';
import { type DistillOptions, distill } from './distill.ts';
import { evaluate } from './evaluate.ts';
import { fineTune } from './fine-tune.ts';
import { interruptSignal } from './interrupt-signal.ts';
import { readRunConfig } from './trainer/run-config.ts';

const mnist = await loadMnist();
const part = (from: number, to: number) =>
  subset(
    mnist.train,
    Array.from({ length: to - from }, (_, i) => from + i),
  );
const data = { train: part(0, 160), validation: part(1000, 1100), normalize: MNIST_NORMALIZATION };
const teacher = network({ seed: 9, dropout: 0 });
const student = () => network({ seed: 3 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd distill '));
});
afterEach(() => rm(folder, { recursive: true }));

const processorConfig = {
  image_processor_type: 'ViTImageProcessor',
  size: { height: 28, width: 28 },
  image_mean: [0.5],
  image_std: [0.5],
};

/** 2 epochs of 10 steps. */
const settings = () =>
  ({
    ...data,
    teacher,
    outputDir: join(folder, 'run'),
    epochs: 2,
    perDeviceTrainBatchSize: 16,
    learningRate: 2e-3,
    temperature: 4,
    lambda: 0.5,
  }) satisfies Partial<DistillOptions>;

/** A run, and the bits of the student after it. */
async function run(options: Partial<DistillOptions<never>> = {}) {
  const model = options.student ?? student();
  const result = await distill({ ...settings(), ...options, student: model });
  return { model, result, bits: await modelFingerprint(model) };
}

function abortAfter(steps: number): { signal: AbortSignal; callbacks: Callback[] } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    callbacks: [{ onStepEnd: ({ step }) => void (step === steps && controller.abort()) }],
  };
}

const timeless = (entries: readonly object[]) =>
  entries.map((entry) =>
    Object.fromEntries(Object.entries(entry).filter(([name]) => !/runtime|per_second/.test(name))),
  );

describe('distill', () => {
  it('is what its parts do, bit for bit', async () => {
    const { bits, result } = await run({
      weightDecay: 0.1,
      lrSchedulerType: 'cosine',
      warmupRatio: 0.1,
      adamBeta2: 0.99,
    });
    const model = student();
    const loaderOptions = { batchSize: 16, shuffle: true, seed: 42, normalize: MNIST_NORMALIZATION };
    const optimizer = adamW({ weightDecay: 0.1, beta2: 0.99, groups: [NO_WEIGHT_DECAY] });
    const parts = await train({
      model,
      objective: distillation({ teacher: modelTeacher(teacher), temperature: 4, lambda: 0.5 }),
      train: dataLoader(data.train, loaderOptions),
      validation: dataLoader(data.validation, { batchSize: 8, normalize: MNIST_NORMALIZATION }),
      epochs: 2,
      optimizer,
      learningRate: 2e-3,
      schedule: cosineSchedule({ warmupRatio: 0.1 }),
      maxGradNorm: 1,
      seed: 42,
    });
    optimizer.dispose();
    expect(await modelFingerprint(model)).toBe(bits);
    expect(result.history.map(({ eval_loss }) => eval_loss)).toEqual(parts.history.map(({ eval_loss }) => eval_loss));
  });

  it('learns, and gives the scores of the model as it ends', async () => {
    const own = network({ seed: 9, dropout: 0 });
    await fineTune({
      ...data,
      model: own,
      epochs: 5,
      perDeviceTrainBatchSize: 16,
      learningRate: 5e-3,
      outputDir: join(folder, 'teacher'),
    });
    const before = await modelFingerprint(own);
    const { model, result } = await run({
      teacher: own,
      epochs: 10,
      test: part(2000, 2200),
      loadBestModelAtEnd: true,
      metricForBestModel: 'accuracy',
    });
    const options = { normalize: MNIST_NORMALIZATION };
    const validated = await evaluate(model, data.validation, options);
    const tested = await evaluate(model, part(2000, 2200), options);
    expect(result).toMatchObject({ eval_loss: validated.eval_loss, eval_accuracy: validated.eval_accuracy });
    expect(result).toMatchObject({
      test_loss: tested.eval_loss,
      test_accuracy: tested.eval_accuracy,
      epoch: 10,
      steps: 100,
    });
    expect(result.test_accuracy).toBeGreaterThan(0.4);
    expect(result.best!.value).toBe(Math.max(...result.history.map(({ eval_accuracy }) => eval_accuracy as number)));
    for (const name of ['train_loss', 'train_runtime', 'train_samples_per_second', 'train_steps_per_second'] as const) {
      expect(result[name]).toBeGreaterThan(0);
    }
    expect(await modelFingerprint(own)).toBe(before);
  });

  it('evaluates at the end if it did not before, with what computeMetrics computes', async () => {
    const { model, result } = await run({ evalStrategy: 'no', computeMetrics: () => ({ answer: 42 }) } as never);
    expect(result.history.every((epoch) => !('eval_loss' in epoch))).toBe(true);
    const { eval_loss } = await evaluate(model, data.validation, { normalize: MNIST_NORMALIZATION });
    expect(result).toMatchObject({ eval_loss, eval_answer: 42 });
  });

  it('evaluates the average that it ends with', async () => {
    const { model, result } = await run({ ema: { decay: 0.9, evaluate: 'weights' } });
    const { eval_loss } = await evaluate(model, data.validation, { normalize: MNIST_NORMALIZATION });
    expect(result.eval_loss).toBe(eval_loss);
    expect(result.history.at(-1)!.eval_loss).not.toBe(eval_loss);
  });

  it('leaves a folder with everything in it, and a student that loads', async () => {
    const { model, result, bits } = await run({
      normalize: undefined,
      processor: processorConfig,
      saveStrategy: 'epoch',
      saveTotalLimit: 1,
    } as never);
    const { outputDir } = result;
    expect((await readdir(outputDir)).filter((name) => !name.startsWith('.')).sort()).toEqual([
      'checkpoint-20',
      'config.json',
      'logs',
      'metrics.jsonl',
      'student',
      'teacher',
    ]);
    const json = async (...path: string[]) => JSON.parse(await readFile(join(outputDir, ...path), 'utf8'));
    const manifest = await json('checkpoint-20', 'manifest.json');
    expect(Object.keys(manifest)).toEqual(
      expect.arrayContaining(['config.json', 'preprocessor_config.json', 'training_args.json']),
    );
    expect(await json('checkpoint-20', 'config.json')).toMatchObject({ model_type: 'mlp' });
    expect(await json('checkpoint-20', 'preprocessor_config.json')).toMatchObject({ size: { height: 28, width: 28 } });
    expect(await json('checkpoint-20', 'training_args.json')).toMatchObject({ learningRate: 2e-3, seed: 42 });
    expect(await json('student', 'preprocessor_config.json')).toMatchObject({
      image_processor_type: 'ViTImageProcessor',
    });
    expect(await modelFingerprint(await fromPretrained(result.model!))).toBe(bits);
    expect(await json('config.json')).toMatchObject({
      format: 1,
      task: 'distill',
      classNames,
      options: { temperature: 4, lambda: 0.5 },
      arguments: { perDeviceTrainBatchSize: 16 },
      teacher: { fingerprint: await modelFingerprint(teacher) },
      command: process.argv,
      versions: { node: process.version },
    });
    expect(getModelConfig(model).classNames).toEqual(classNames);
  });

  it('leaves a student that was made elsewhere as TF.js saves it', async () => {
    const model = tfl.sequential({
      layers: [tfl.layers.flatten({ inputShape: [28, 28, 1] }), tfl.layers.dense({ units: 10 })],
    });
    const { result, bits } = await run({ student: model });
    expect(result.model).toBe(join(folder, 'run', 'student'));
    const saved = await loadModel(result.model!);
    expect(await modelFingerprint(saved)).toBe(bits);
    expect(await evaluate(saved, data.validation, data)).toMatchObject({ eval_loss: result.eval_loss });
  });

  it('asks the teacher once about each image', async () => {
    let asked = 0;
    const counting = modelTeacher(teacher);
    const counted = {
      ...counting,
      logits: (...args: Parameters<typeof counting.logits>) => {
        asked += args[0].ids.length;
        return counting.logits(...args);
      },
    };
    await run({ teacher: counted, epochs: 3 });
    expect(asked).toBe(160);
    // A second run finds the answers in the folder, and asks again about 1 % of them, and the first.
    const before = await readdir(join(folder, 'run', 'teacher'));
    await run({ teacher: counted, epochs: 3 });
    expect(asked).toBeGreaterThan(160);
    expect(asked).toBeLessThan(180);
    expect(await readdir(join(folder, 'run', 'teacher'))).toEqual(before);
  });

  it('takes loaders in place of datasets, and mixes', async () => {
    const loader = dataLoader(data.train, { batchSize: 16, shuffle: true, seed: 42, normalize: MNIST_NORMALIZATION });
    expect((await run({ train: loader })).bits).toBe((await run()).bits);
    const mixed = await run({ dataCollator: mixup({ concentration: 0.4 }) } as never);
    const config = JSON.parse(await readFile(join(folder, 'run', 'config.json'), 'utf8'));
    expect(config.arguments.dataCollator).toMatchObject({ concentration: 0.4 });
    expect(mixed.bits).not.toBe((await run()).bits);
  });

  it('holds no tensors when it has ended', async () => {
    const model = student();
    const before = tf.memory().numTensors;
    await run({ student: model });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('distill and the arguments', () => {
  const looped = dataLoader(data.train, { batchSize: 4 });

  it('says once what has no meaning, everywhere it can be read', async () => {
    const told: string[] = [];
    const { result } = await run({ fp16: true, onWarning: (message: string) => told.push(message) });
    expect(told).toEqual([expect.stringMatching(/^distill: fp16 has no meaning here/)]);
    expect(result.warnings).toEqual(told);
    expect(JSON.parse(await readFile(join(folder, 'run', 'config.json'), 'utf8')).warnings).toEqual(told);
  });

  it('warns as Node does where nobody listens', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await run({ fp16: true });
    expect(warned.mock.calls).toEqual([[expect.stringMatching(/^distill: fp16 has no meaning here/), 'KdWarning']]);
    warned.mockRestore();
  });

  it.each<[string, object, RegExp]>([
    [
      'a name that nobody knows',
      { temprature: 4 },
      /^distill: there is no argument 'temprature': did you mean temperature\?/,
    ],
    [
      'a whole data set',
      { train: { splits: { train: 1, test: 1 } } },
      /train is no dataset.*it has the splits train, test/,
    ],
    [
      'what a loader would not heed',
      { train: looped, augment: {}, perDeviceTrainBatchSize: 4 },
      /train is a loader.*so augment would count for nothing/,
    ],
    [
      'another batch size than a loader has',
      { train: looped },
      /perDeviceTrainBatchSize is 16, but train is a loader of batches of 4/,
    ],
    [
      'a processor that makes images of another size',
      { normalize: undefined, processor: { ...processorConfig, size: { height: 32, width: 32 } } },
      /^distill: the processor makes images \[32,32,\d\], the model that is trained takes \[28,28,1\]/,
    ],
    ['no data', { train: undefined }, /train is no dataset and no data loader; pass a dataset or a loader/],
    ['a student that is none', { student: {} }, /student must be a LayersModel, got object/],
    ['one model in two parts', { student: teacher }, /teacher and student are one model/],
    [
      'an objective and its options',
      { objective: () => ({}) },
      /an objective is given, so temperature, lambda would count/,
    ],
    ['a processor that is none', { processor: { image_processor_type: 'None' } }, /createProcessor/],
    [
      'a metric that there is not',
      { metricForBestModel: 'f1', loadBestModelAtEnd: true },
      /'eval_f1'.*eval_loss, eval_accuracy/,
    ],
    [
      'validation data of other classes',
      { validation: { ...data.validation, classNames: [...classNames].reverse() } },
      /the classes of validation/,
    ],
  ])('refuses %s', async (_, options, words) => {
    await expect(run(options as never)).rejects.toThrow(words);
  });
});

describe('distill and labels', () => {
  const reversed = [...classNames].reverse();

  /** The same teacher, with its classes called and ordered in another way. */
  function renamed(names: readonly string[], order: readonly number[]) {
    const model = mlp({ ...getModelConfig(teacher), seed: 1, classNames: names } as Parameters<typeof mlp>[0]);
    const from = new Map(namedVariables(teacher).map(({ name, variable }) => [name, variable]));
    for (const { name, variable } of namedVariables(model)) {
      const weight = from.get(name)!;
      variable.assign(name.startsWith('logits/') ? tf.gather(weight, [...order], weight.rank - 1) : tf.clone(weight));
    }
    return model;
  }

  it('learns the same from a teacher with another order', async () => {
    const other = renamed(reversed, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    const { bits, result } = await run({ teacher: other });
    expect(result.warnings).toEqual([expect.stringMatching(/same classes in another order.*0 0 was 9/)]);
    expect(bits).toBe((await run()).bits);
  });

  it('refuses other classes, and takes them with a map', async () => {
    const names = classNames.map((name) => `LABEL_${name}`);
    const other = renamed(names, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await expect(run({ teacher: other })).rejects.toThrow(/0 LABEL_0, .*0 0, .*teacherLabelMap: \{ LABEL_0: '0', /);
    const teacherLabelMap = Object.fromEntries(names.map((name, i) => [name, classNames[i]!]));
    expect((await run({ teacher: other, teacherLabelMap })).bits).toBe((await run()).bits);
  });

  it('refuses a student with other classes', async () => {
    const cats = network({ classNames: reversed });
    await expect(run({ student: cats })).rejects.toThrow(/distill: the classes of the model that is trained/);
  });
});

describe('starting again', () => {
  it('from config.json gives the same bits and the same log', async () => {
    const first = await run({
      loggingSteps: 3,
      evalStrategy: 'steps',
      evalSteps: 5,
      softWeight: undefined,
      seed: 7,
    } as never);
    const config = await readRunConfig(join(folder, 'run'));
    const model = student();
    const { train, validation } = data;
    const again = await distill({
      ...config,
      teacher,
      student: model,
      train,
      validation,
      outputDir: join(folder, 'again'),
    });
    expect(await modelFingerprint(model)).toBe(first.bits);
    expect(timeless(again.logHistory)).toEqual(timeless(first.result.logHistory));
    const [a, b] = await Promise.all(
      ['run', 'again'].map(async (name) => JSON.parse(await readFile(join(folder, name, 'config.json'), 'utf8'))),
    );
    const outputDir = join(folder, 'again');
    const moved = { outputDir, loggingDir: join(outputDir, 'logs'), runName: outputDir };
    expect(b.arguments).toEqual({ ...a.arguments, ...moved });
    expect([b.data, b.teacher, b.options]).toEqual([a.data, a.teacher, a.options]);
  });

  it('asks for what a file cannot hold', async () => {
    await run({ dataCollator: mixup({ concentration: 0.4 }) } as never);
    const config = await readRunConfig(join(folder, 'run'));
    const again = { ...config, teacher, student: student(), ...data };
    await expect(distill(again)).rejects.toThrow(
      /had dataCollator \{.*"concentration":0.4.*which a file cannot hold; pass the same/,
    );
    await distill({ ...again, dataCollator: mixup({ concentration: 0.4 }) });
  });

  it.each([
    ['in the middle of an epoch', 7],
    ['at the end of one', 10],
  ])('goes on where it was stopped %s, bit for bit', async (_, steps) => {
    const straight = await run({ outputDir: join(folder, 'straight') });
    const stopped = await run(abortAfter(steps));
    expect(stopped.result).toMatchObject({
      stopped: 'aborted',
      steps,
      checkpoint: join(folder, 'run', `checkpoint-${steps}`),
    });
    expect(stopped.result).not.toHaveProperty('model');
    const resumed = await run({ resumeFromCheckpoint: true });
    expect(resumed.bits).toBe(straight.bits);
    expect(timeless(resumed.result.logHistory)).toEqual(timeless(straight.result.logHistory));
    // And from elsewhere, by a path.
    const path = stopped.result.checkpoint!;
    if (!existsSync(path)) return;
    expect((await run({ resumeFromCheckpoint: path, outputDir: join(folder, 'elsewhere') })).bits).toBe(straight.bits);
  });

  it('goes on after Ctrl-C', async () => {
    const straight = await run({ outputDir: join(folder, 'straight') });
    const listeners = process.listenerCount('SIGINT');
    let told = 0;
    const signal = interruptSignal(() => {
      told += 1;
    });
    const callbacks: Callback[] = [{ onStepEnd: ({ step }) => void (step === 4 && process.emit('SIGINT')) }];
    expect((await run({ signal, callbacks })).result).toMatchObject({ stopped: 'aborted', steps: 4 });
    expect([told, process.listenerCount('SIGINT')]).toEqual([1, listeners]); // so that a second one ends the process
    expect((await run({ resumeFromCheckpoint: true })).bits).toBe(straight.bits);
  });

  it('wants a checkpoint where it is to resume from one', async () => {
    await expect(run({ resumeFromCheckpoint: true })).rejects.toThrow(
      /^distill: resumeFromCheckpoint is true, but there is no checkpoint in outputDir '.*run'; leave it out to start anew/,
    );
    await expect(run({ resumeFromCheckpoint: join(folder, 'checkpoint-9') })).rejects.toThrow(/is no whole checkpoint/);
  });

  it('reads only what a run wrote', async () => {
    await expect(readRunConfig(folder)).rejects.toThrow(/there is no .*config.json; give the outputDir of a run/);
    await writeFile(join(folder, 'config.json'), '{"model_type": "vit"}');
    await expect(readRunConfig(folder)).rejects.toThrow(/config.json is not that of a run/);
    await writeFile(join(folder, 'config.json'), '{');
    await expect(readRunConfig(folder)).rejects.toThrow(/config.json is not JSON/);
  });
});

describe('a folder that cannot be written to', () => {
  it('is refused before anything is trained', async () => {
    await writeFile(join(folder, 'file'), '');
    const steps: number[] = [];
    const callbacks: Callback[] = [{ onStepEnd: ({ step }) => void steps.push(step) }];
    const error = await run({ outputDir: join(folder, 'file', 'run'), callbacks }).catch((error: unknown) => error);
    expect(KdError.isInstance(error)).toBe(true);
    expect((error as Error).message).toMatch(/cannot be written to/);
    expect(steps).toEqual([]);
  });
});
