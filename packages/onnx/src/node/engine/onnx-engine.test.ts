import type { Batch, DataLoader } from '@kd/core';
import { cutMix } from '@kd/data';
import { crossEntropy, hintLoss, linearConnector } from '@kd/losses';
import { withTaps } from '@kd/models';
import {
  adam,
  adamW,
  type Checkpoint,
  classification,
  cosineWeight,
  deitDistillation,
  distillation,
  featureDistillation,
  hardDistillation,
  linearWeight,
  modelFingerprint,
  modelTeacher,
  multiTeacherDistillation,
  NO_WEIGHT_DECAY,
  type Objective,
  type Optimizer,
  plateauSchedule,
  type StepEngineFactory,
  sgd,
  type TrainOptions,
  tfjsEngine,
  train,
} from '@kd/train';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { digits, network, testDigits } from '../../../../train/src/testing/digits.ts';
import { memoryCheckpoints } from '../../../../train/src/testing/memory-checkpoints.ts';
import { type OnnxEngineOptions, onnxEngine } from './onnx-engine.ts';

const objective = classification();

/**
 * At Adam's usual epsilon of 1e-8 gradients that are zero but for rounding move weights by whole steps, whichever sign the
 * rounding has, and two right engines part at the second step by 1e-5 to 1e-4.
 */
const epsilon = 1e-4;

/** Typed as the loop has it: what holds the two packages together. */
const engine = (options: OnnxEngineOptions = {}): StepEngineFactory =>
  onnxEngine({ threads: 1, cacheDir: false, ...options });

interface Ended {
  model: LayersModel;
  losses: number[];
  /** Of gradients, where they are clipped. */
  norms: (number | undefined)[];
  parts: Record<string, number>[];
}

async function run(options: Partial<TrainOptions> = {}): Promise<Ended> {
  const model = options.model ?? network();
  const losses: number[] = [];
  const norms: (number | undefined)[] = [];
  const { history } = await train({
    objective,
    train: digits(200, { jitter: 1 }), // 6 batches of 32, and one of 8
    epochs: 2,
    ...options,
    model,
    callbacks: [
      {
        onStepEnd({ loss, gradNorm }) {
          losses.push(loss);
          norms.push(gradNorm);
        },
      },
      ...(options.callbacks ?? []),
    ],
  });
  const parts = history.map((metrics) =>
    Object.fromEntries(Object.entries(metrics).filter(([name]) => /^(train|eval)_(.*loss|accuracy)$/.test(name))),
  );
  return { model, losses, norms, parts: parts as Record<string, number>[] };
}

const weightsOf = ({ model }: Ended): Float32Array[] =>
  model.getWeights().map((weight) => weight.dataSync() as Float32Array);

/** Of the largest value of each tensor; at least of .1. */
function expectCloseWeights(got: Ended, want: Ended, tolerance = 1e-4): void {
  const expected = weightsOf(want);
  weightsOf(got).forEach((values, n) => {
    const largest = expected[n]!.reduce((max, value) => Math.max(max, Math.abs(value)), 0.1);
    const worst = values.reduce((max, value, i) => Math.max(max, Math.abs(value - expected[n]![i]!)), 0);
    expect(worst / largest, got.model.weights[n]!.originalName).toBeLessThan(tolerance);
  });
}

function abortAfter(steps: number): Pick<TrainOptions, 'signal' | 'callbacks'> {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    callbacks: [{ onStepEnd: ({ step }) => void (step === steps && controller.abort()) }],
  };
}

describe('onnxEngine', () => {
  const teacher = () => modelTeacher(network({ seed: 9 }));
  const unlabelled = (loader: DataLoader): DataLoader => ({
    ...loader,
    async *epoch(index, from) {
      for await (const { labels: _, ...batch } of loader.epoch(index, from)) yield batch;
    },
  });

  it.each<[string, () => Partial<TrainOptions>]>([
    [
      'labels, adam, with dropout, batch-norm and max-norm',
      () => ({ model: network({ dropout: 0.5, maxNorm: 0.8 }), optimizer: adam({ epsilon }) }),
    ],
    [
      'distillation, sgd with momentum, validation',
      () => ({
        objective: distillation({ teacher: teacher(), temperature: 4 }),
        optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: 1e-3 }),
        learningRate: 0.05,
        validation: testDigits(150),
      }),
    ],
    [
      'adamW with groups',
      () => ({
        optimizer: adamW({
          epsilon,
          weightDecay: 0.1,
          groups: [{ names: /fc1/, learningRateScale: 0.1 }, NO_WEIGHT_DECAY],
        }),
      }),
    ],
    [
      'gradients of three batches an update, clipped',
      () => ({ gradientAccumulationSteps: 3, maxGradNorm: 0.5, optimizer: adamW({ epsilon }) }),
    ],
    [
      'features, through a connector',
      () => {
        const relu1 = { teacher: 'relu1', loss: hintLoss, weight: 5 };
        const connector = linearConnector({ name: 'hint', inputFeatures: 24, outputFeatures: 32 });
        const tapped = modelTeacher(withTaps(network({ seed: 9 }), ['relu1']));
        const features = [
          { ...relu1, student: 'relu2', connector },
          { ...relu1, student: 'relu1', name: 'same' },
        ];
        return {
          model: withTaps(network({ seed: 4 }), ['relu1', 'relu2']),
          objective: featureDistillation({ teacher: tapped, features, temperature: 2 }),
          optimizer: adam({ epsilon }),
        };
      },
    ],
    [
      'weights of the loss that change from step to step',
      () => {
        const features = [
          { student: 'relu1', teacher: 'relu1', loss: hintLoss, weight: linearWeight({ from: 5, to: 0, steps: 10 }) },
        ];
        return {
          model: withTaps(network({ seed: 4 }), ['relu1']),
          objective: featureDistillation({
            teacher: modelTeacher(withTaps(network({ seed: 9 }), ['relu1'])),
            features,
            temperature: 2,
            softWeight: linearWeight({ steps: 5 }),
            hardWeight: ({ epoch }) => 1 - epoch / 4,
          }),
          optimizer: adam({ epsilon }),
        };
      },
    ],
    [
      'two teachers, each with its term',
      () => ({
        objective: multiTeacherDistillation({
          teachers: [
            { teacher: teacher(), weight: cosineWeight({ from: 1, to: 0, epochs: 2 }) },
            { teacher: modelTeacher(network({ seed: 8 })), temperature: 2, weight: 0.5 },
          ],
        }),
        optimizer: adam({ epsilon }),
      }),
    ],
    [
      'decisions of the teacher',
      () => ({
        objective: hardDistillation({ teacher: teacher(), labelSmoothing: 0.1 }),
        optimizer: adam({ epsilon }),
      }),
    ],
    [
      'two heads, one for the labels and one for the teacher',
      () => ({
        model: withTaps(network({ seed: 4, hiddenSizes: [10, 10] }), ['fc1', 'fc2']),
        objective: deitDistillation({
          ...{ teacher: teacher(), type: 'soft', temperature: 3, classHead: 'fc1', distillationHead: 'fc2' },
        }),
        optimizer: adam({ epsilon }),
      }),
    ],
    [
      'images mixed by CutMix, with their shares of classes',
      () => ({
        objective: distillation({ teacher: teacher(), temperature: 2 }),
        optimizer: adam({ epsilon }),
        train: digits(96, { batchTransform: cutMix() }),
      }),
    ],
    [
      'no labels, going back to the best weights when the rate drops',
      () => ({
        objective: distillation({ teacher: teacher(), softWeight: 1, hardWeight: 0 }),
        optimizer: adam({ epsilon }),
        train: unlabelled(digits(96)),
        validation: testDigits(100),
        selectBest: { reloadOnDrop: true },
        schedule: plateauSchedule({ patience: 0, threshold: 0.9 }),
        epochs: 4,
      }),
    ],
  ])('trains as tfjsEngine does: %s', async (_, options) => {
    const [want, got] = [await run(options()), await run({ ...options(), engine: engine() })];
    expect(got.losses).toHaveLength(want.losses.length);
    got.losses.forEach((loss, i) => {
      expect(Math.abs(loss - want.losses[i]!) / Math.max(1, want.losses[i]!), `step ${i}`).toBeLessThan(1e-5);
    });
    got.norms.forEach((norm, i) => {
      expect(norm === undefined).toBe(want.norms[i] === undefined);
      if (norm !== undefined) expect(Math.abs(norm / want.norms[i]! - 1)).toBeLessThan(1e-4);
    });
    got.parts.forEach((metrics, epoch) => {
      expect(Object.keys(metrics)).toEqual(Object.keys(want.parts[epoch]!));
      for (const [name, value] of Object.entries(metrics)) {
        expect(Math.abs(value - want.parts[epoch]![name]!), name).toBeLessThan(1e-4);
      }
    });
    expectCloseWeights(got, want);
  });

  it('weighs every step as its schedule says', async () => {
    const [soft, losses]: [number[], number[]] = [[], []];
    const softWeight = linearWeight({ from: 1, to: 0, steps: 6 });
    const taught = distillation({ teacher: teacher(), softWeight, hardWeight: 0 });
    const spied: StepEngineFactory = async (given) => {
      const made = await engine()(given);
      const { step } = made;
      return Object.assign(made, {
        async step(input: Parameters<typeof step>[0]) {
          const result = await step(input);
          soft.push(result.parts.soft_loss!);
          losses.push(result.loss);
          return result;
        },
      });
    };
    await run({ objective: taught, engine: spied, train: digits(96), epochs: 3 });
    expect(losses).toHaveLength(9);
    losses.forEach((loss, step) => {
      expect(loss).toBeCloseTo(Math.max(0, 1 - step / 6) * soft[step]!, 5);
    });
    expect(Math.min(...soft)).toBeGreaterThan(0.1);
  });

  it('gives the same bits from run to run', async () => {
    const prints: string[] = [];
    for (let i = 0; i < 3; i++) prints.push(await modelFingerprint((await run({ engine: engine() })).model));
    expect(new Set(prints).size).toBe(1);
  });

  it.each([
    ['in the middle of an epoch', 10],
    ['at the end of an epoch', 7],
    ['at the first step', 1],
  ])('resumes bit for bit when stopped %s, and on the other engine within rounding', async (_, steps) => {
    const options = (which: StepEngineFactory): Partial<TrainOptions> => ({
      engine: which,
      optimizer: adam({ epsilon }),
      validation: testDigits(100),
      selectBest: { metric: 'eval_accuracy', mode: 'max', reloadOnDrop: true },
      schedule: plateauSchedule({ patience: 0, factor: 0.5 }),
      epochs: 3,
      seed: 3,
    });
    const whole = await run(options(engine()));
    const store = memoryCheckpoints();
    await run({ ...options(engine()), checkpoints: store, ...abortAfter(steps) });
    const saved = store.saved.at(-1)!;
    const resume = (which: StepEngineFactory): Promise<Ended> => {
      const checkpoints = memoryCheckpoints();
      checkpoints.saved.push(structuredClone(saved));
      return run({ ...options(which), model: network({ seed: 77 }), checkpoints, resume: true });
    };
    const resumed = await resume(engine());
    expect(await modelFingerprint(resumed.model)).toBe(await modelFingerprint(whole.model));
    expect(resumed.losses).toEqual(whole.losses.slice(steps));

    const elsewhere = await resume(tfjsEngine());
    elsewhere.losses.forEach((loss, i) => {
      expect(Math.abs(loss - whole.losses[steps + i]!)).toBeLessThan(1e-4);
    });
    const other = memoryCheckpoints();
    await run({ ...options(tfjsEngine()), checkpoints: other, ...abortAfter(steps) });
    const shapes = ({ model, optimizer }: Checkpoint) =>
      [...model, ...optimizer].map(({ name, shape, data }) => [name, [...shape], data.constructor.name]);
    expect(shapes(saved)).toEqual(shapes(other.saved.at(-1)!));
  });

  it('trains what the objective has of its own', async () => {
    const losses: number[][] = [];
    const scales: number[] = [];
    for (const which of [tfjsEngine(), engine()]) {
      const scale = tf.variable(tf.scalar(1));
      const scaled: Objective = {
        name: 'scaled',
        variables: [{ name: 'scale', variable: scale, trainable: true }],
        loss: ({ studentLogits, labels }) => ({
          loss: crossEntropy(tf.mul(studentLogits, scale), labels!, { validateLabels: false }),
          parts: { scale: scale.clone() },
        }),
      };
      losses.push((await run({ objective: scaled, engine: which })).losses);
      scales.push(scale.dataSync()[0]!);
      scale.dispose();
    }
    expect(scales[1]).not.toBe(1);
    expect(scales[1]).toBeCloseTo(scales[0]!, 5);
  });

  it('normalises uint8 images', async () => {
    const normalization = { mean: [0.1307], std: [0.3081] };
    const plain = digits(64);
    const raw = digits(64, { normalize: { mean: 0, std: 1 } }); // pixel / 255
    const bytes: DataLoader = {
      ...plain,
      async *epoch(index, from) {
        for await (const batch of raw.epoch(index, from)) {
          const data = Uint8Array.from(batch.images.data, (pixel) => Math.round(255 * pixel));
          yield { ...batch, images: { ...batch.images, data }, normalization } as Batch;
        }
      },
    };
    const [want, got] = [await run({ train: plain, engine: engine() }), await run({ train: bytes, engine: engine() })];
    expectCloseWeights(got, want);
  });

  it('holds constant memory over 500 steps', async () => {
    const tensors: number[] = [];
    const resident: number[] = [];
    await run({
      train: digits(320, { batchSize: 32 }),
      epochs: 50,
      engine: engine(),
      callbacks: [
        {
          onStepEnd({ step }) {
            tensors.push(tf.memory().numTensors);
            if (step % 50 === 0) resident.push(process.memoryUsage().rss / 2 ** 20);
          },
        },
      ],
    });
    expect(tensors).toHaveLength(500);
    expect(new Set(tensors.slice(10)).size).toBe(1); // the optimizer's tensors come with the first sync
    expect(resident.at(-1)! - resident[2]!).toBeLessThan(30); // MB
  });
});

describe('without what it needs', () => {
  const missing = async () => {
    throw Object.assign(new Error("Cannot find package 'onnxruntime-node'"), { code: 'ERR_MODULE_NOT_FOUND' });
  };
  const asks: Objective = {
    name: 'asks',
    loss: ({ studentLogits, labels }) => {
      const loss = crossEntropy(studentLogits, labels!, { validateLabels: false });
      return { loss: loss.dataSync()[0]! < 0 ? tf.neg(loss) : loss, parts: {} };
    },
  };
  const scheduled: Objective = {
    name: 'scheduled',
    loss: ({ studentLogits, labels, context }) => ({
      loss: tf.mul(crossEntropy(studentLogits, labels!, { validateLabels: false }), 1 / (1 + context.step)),
      parts: {},
    }),
  };
  const exotic = (): Optimizer => ({ ...sgd(), name: 'exotic' });

  it.each<[string, OnnxEngineOptions, () => Partial<TrainOptions>, RegExp]>([
    ['the package', { load: missing }, () => ({}), /onnxruntime-node is not installed/],
    ['a rule for the optimizer', {}, () => ({ optimizer: exotic() }), /optimizer 'exotic' has no form for flat arrays/],
    ['a step that can be traced', {}, () => ({ objective: asks }), /traceFunction: /],
    ['a step that stays the same', {}, () => ({ objective: scheduled }), /objective 'scheduled' reads 'step' of the/],
  ])(
    'lacking %s it falls back with one line, or fails where nothing is to fall back to',
    async (_, more, options, why) => {
      const lines: string[] = [];
      const fallback = tfjsEngine();
      const given = { ...more, fallback, onWarning: (line: string) => void lines.push(line) };
      const fellBack = await run({ ...options(), engine: engine(given) });
      const eager = await run(options());
      expect(await modelFingerprint(fellBack.model)).toBe(await modelFingerprint(eager.model));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^onnx: tfjs wasm runs instead: /);
      expect(lines[0]).toMatch(why);
      await expect(run({ ...options(), engine: engine(more) })).rejects.toThrow(why);
    },
  );

  it('says what is wrong with the data, fallback or not', async () => {
    const unlabelled = digits(64);
    const loader: DataLoader = {
      ...unlabelled,
      async *epoch(index) {
        for await (const { labels: _, ...batch } of unlabelled.epoch(index)) yield batch;
      },
    };
    const fallback = tfjsEngine();
    await expect(run({ train: loader, engine: engine({ fallback }) })).rejects.toThrow(
      'classification: the batch has no labels',
    );
  });
});
