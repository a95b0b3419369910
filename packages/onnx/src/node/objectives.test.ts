import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { completeWasm } from '@kd/backend';
import {
  type ConnectorVariable,
  convConnector,
  crdConnector,
  crdLoss,
  crdMemory,
  crossEntropy,
  distillationLoss,
  hclLoss,
  hintLoss,
  linearConnector,
  mgdConnector,
  mgdLoss,
  reviewConnector,
  vidConnector,
  vidLoss,
} from '@kd/losses';
import { mlp, resnet, vit, withTaps } from '@kd/models';
import { fromPretrained } from '@kd/models/node';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { drawValues } from '../../../losses/src/testing/draw.ts';
import { checkStep } from '../testing/check-step.ts';
import { logitLosses, mapLosses, relationLosses } from '../testing/loss-cases.ts';
import type { StepArray } from './trace-step.ts';

const ROWS = 6;
const classNames = ['cat', 'dog', 'horse', 'ship', 'frog'];

const draws = (seed: number, shape: readonly number[], low = -1, high = 1): StepArray => ({
  data: drawValues(seed, shape, low, high),
  shape,
});
const labels: StepArray = { data: Int32Array.of(0, 4, 2, 1, 3, 2), shape: [ROWS] };

/** Weights as training leaves them: no offset is 0, no variance 1. */
function worn(model: LayersModel): LayersModel {
  tf.tidy(() => {
    for (const [i, { name, variable }] of namedVariables(model).entries()) {
      const low = /variance/i.test(name) ? 0 : -0.1;
      variable.assign(tf.add(variable, tf.tensor(drawValues(i + 1, variable.shape, low, 0.1), variable.shape)));
    }
  });
  return model;
}

const MODELS = {
  mlp: () => worn(mlp({ inputShape: [8, 8, 1], hiddenSizes: [24, 16], classNames, batchNorm: true, seed: 1 })),
  /** Its last maps are [ROWS, 4, 4, 6] of images of 32 x 32, as the rows of losses on maps want them. */
  cnn: () =>
    worn(resnet({ classNames, seed: 1, layerType: 'basic', depths: [1, 1], embeddingSize: 16, hiddenSizes: [16, 6] })),
  vit: () =>
    worn(
      vit({
        ...{ classNames, imageSize: 16, patchSize: 4, seed: 1 },
        ...{ hiddenSize: 24, numHiddenLayers: 2, numAttentionHeads: 3, intermediateSize: 48 },
      }),
    ),
};
const IMAGES = { mlp: [ROWS, 8, 8, 1], cnn: [ROWS, 32, 32, 3], vit: [ROWS, 16, 16, 3] } as const;

const apply = (model: LayersModel, x: tf.Tensor): tf.Tensor[] =>
  [model.apply(x, { training: true }) as tf.Tensor | tf.Tensor[]].flat();

beforeAll(() => tf.setBackend('cpu'));
afterEach(() => tf.disposeVariables());

/** Convolutions take the cpu backend too long. */
function useWasm(): void {
  let undo: () => void;
  beforeAll(async () => {
    await tf.setBackend('wasm');
    undo = await completeWasm();
  });
  afterAll(async () => {
    undo();
    await tf.setBackend('cpu');
  });
}

describe.each(['mlp', 'cnn', 'vit'] as const)(
  'every loss on logits, with labels and teacher, trains the %s as eager does',
  (name) => {
    if (name === 'cnn') useWasm();

    it.each(logitLosses.map((loss) => [loss.name, loss] as const))('%s', async (_, { call }) => {
      const model = MODELS[name]();
      await checkStep({
        variables: namedVariables(model),
        inputs: (seed) => ({
          x: draws(7 * seed, IMAGES[name], -2, 2),
          y: labels,
          teacher: draws(7 * seed + 1, [ROWS, classNames.length], -3, 3),
        }),
        loss: ({ x, y, teacher }) => ({ loss: call(apply(model, x!)[0]!, teacher!, y as tf.Tensor1D) }),
      });
    });
  },
);

type Images = tf.Tensor4D;
type Taps = [logits: tf.Tensor2D, ...tf.Tensor[]];

/** A loss on features of two layers beside cross-entropy, with the connectors' variables among what is trained. */
interface FeatureCase {
  variables?: readonly ConnectorVariable[];
  /** Of what the teacher gives. */
  shapes: readonly (readonly number[])[];
  loss(
    taps: tf.Tensor[],
    teacher: tf.Tensor[],
    y: tf.Tensor1D,
    drawn: (name: string, shape: number[]) => tf.Tensor,
  ): tf.Scalar;
}

async function checkFeatures(name: 'cnn' | 'mlp', taps: string[], { variables = [], shapes, loss }: FeatureCase) {
  const model = MODELS[name]();
  const tapped = withTaps(model, taps);
  await checkStep({
    variables: [...namedVariables(model), ...variables],
    inputs: (seed) => ({
      x: draws(7 * seed, IMAGES[name], -2, 2),
      y: labels,
      ...Object.fromEntries(shapes.map((shape, i) => [`teacher${i}`, draws(7 * seed + 1 + i, shape, -2, 2)])),
    }),
    loss: ({ x, y, ...teacher }, drawn) => {
      const [logits, ...features] = apply(tapped, x!) as Taps;
      const hard = crossEntropy(logits, y as tf.Tensor1D, { validateLabels: false });
      return { loss: tf.add(hard, loss(features, Object.values(teacher), y as tf.Tensor1D, drawn)) };
    },
  });
}

const [SMALL, LARGE] = [
  [ROWS, 4, 4, 6],
  [ROWS, 8, 8, 16],
];

describe('every loss on feature maps trains a CNN as eager does', () => {
  useWasm();

  it.each(mapLosses.map((loss) => [loss.name, loss] as const))('%s', (_, { call }) =>
    checkFeatures('cnn', ['layer2'], { shapes: [SMALL!], loss: ([s], [t], y) => call(s!, t!, y) }),
  );

  const option = { name: 'connector', seed: 1, inputChannels: LARGE![3]!, outputChannels: 24 };
  const wide = [ROWS, 8, 8, 24];
  it.each<[string, () => FeatureCase]>([
    [
      'convConnector and hintLoss',
      () => {
        const { variables, apply: project } = convConnector(option);
        return { variables, shapes: [wide], loss: ([s], [t]) => hintLoss(project(s as Images), t!) };
      },
    ],
    [
      'vidConnector and vidLoss',
      () => {
        const { variables, apply: predict, rawScale } = vidConnector(option);
        return { variables, shapes: [wide], loss: ([s], [t], y) => vidLoss(predict(s as Images), t!, y, { rawScale }) };
      },
    ],
    [
      'mgdConnector, its mask drawn at each step, and mgdLoss',
      () => {
        const { variables, apply: generate } = mgdConnector(option);
        return {
          variables,
          shapes: [wide],
          loss: ([s], [t], _, drawn) => mgdLoss(generate(s as Images, drawn('mask', [ROWS, 1, 1, 24]) as Images), t!),
        };
      },
    ],
    [
      'reviewConnector and hclLoss of two levels',
      () => {
        const levels = [
          { inputChannels: LARGE![3]!, outputChannels: 24 },
          { inputChannels: SMALL![3]!, outputChannels: 12 },
        ];
        const { variables, apply: review } = reviewConnector({ name: 'review', seed: 1, levels });
        return {
          variables,
          shapes: [wide, [ROWS, 4, 4, 12]],
          loss: (features, teacher) => hclLoss(review(features as Images[]), teacher as Images[]),
        };
      },
    ],
  ])('%s', (_, make) => checkFeatures('cnn', ['layer1', 'layer2'], make()));
});

describe('every loss on relations trains an MLP as eager does', () => {
  it.each(relationLosses.map((loss) => [loss.name, loss] as const))('%s', (_, { call }) =>
    checkFeatures('mlp', ['relu1'], { shapes: [[ROWS, 9]], loss: ([s], [t], y) => call(s!, t!, y) }),
  );

  it('linearConnector and hintLoss', () => {
    const { variables, apply: project } = linearConnector({
      name: 'hint',
      seed: 1,
      inputFeatures: 24,
      outputFeatures: 9,
    });
    return checkFeatures('mlp', ['relu1'], {
      variables,
      shapes: [[ROWS, 9]],
      loss: ([s], [t]) => hintLoss(project(s as tf.Tensor2D), t!),
    });
  });

  it('crdLoss, its embeddings and its memory, the indices an input', async () => {
    const model = MODELS.mlp();
    const tapped = withTaps(model, ['relu1']);
    const [samples, features] = [20, 8];
    const student = crdConnector({ name: 'student', seed: 1, inputFeatures: 24, outputFeatures: features });
    const teacher = crdConnector({ name: 'teacher', seed: 2, inputFeatures: 9, outputFeatures: features });
    const memory = crdMemory({ samples, features });
    const indices = Int32Array.from({ length: 5 * ROWS }, (_, i) => (i % 5 ? 3 * i : i) % samples);
    await checkStep({
      variables: [...namedVariables(model), ...student.variables, ...teacher.variables, ...memory.variables],
      inputs: (seed) => ({
        x: draws(7 * seed, IMAGES.mlp, -2, 2),
        t: draws(7 * seed + 1, [ROWS, 9], -2, 2),
        indices: { data: indices, shape: [ROWS, 5] },
      }),
      loss: ({ x, t, indices }) => {
        const [, embedding] = apply(tapped, x!) as Taps;
        return {
          loss: crdLoss(student.apply(embedding as tf.Tensor2D), teacher.apply(t as tf.Tensor2D), undefined, {
            memory,
            indices: indices as tf.Tensor2D,
            validateIndices: false,
          }),
        };
      },
    });
  });
});

/** As `pnpm start` of most distillations has it: temperature and labels. */
function distill(model: LayersModel, shape: readonly number[], offset: number, tolerance: number): Promise<void> {
  const [rows, classes] = [shape[0]!, model.outputShape[1] as number];
  return checkStep({
    tolerance,
    variables: namedVariables(model),
    inputs: (seed) => ({
      x: draws(7 * seed, shape, offset - 2, offset + 2),
      y: { data: Int32Array.from({ length: rows }, (_, i) => (i * 3) % classes), shape: [rows] },
      teacher: draws(7 * seed + 1, [rows, classes], -3, 3),
    }),
    loss: ({ x, y, teacher }) => {
      const logits = apply(model, x!)[0] as tf.Tensor2D;
      const options = { temperature: 4, lambda: 0.5, validateLabels: false };
      return { loss: distillationLoss(logits, teacher as tf.Tensor2D, y as tf.Tensor1D, options) };
    },
  });
}

/** Deeper ones, of which some gates always flip, are in `lower/images/whole-steps.test.ts`, which looks at every gate. */
describe('distillation trains whole networks as eager does', () => {
  useWasm();

  const slim = { classNames, seed: 1, embeddingSize: 16 } as const;
  const resnet18 = () => resnet({ ...slim, layerType: 'basic', depths: [2, 2, 2, 2], hiddenSizes: [16, 32, 48, 64] });

  it.each<[string, () => LayersModel, offset: number, tolerance: number]>([
    // Deeper, backends of TF.js differ by per cents among themselves.
    ['two residual blocks of images whose mean is 50 times their deviation', MODELS.cnn, 60, 1e-3],
    ['ResNet-18', resnet18, 0, 2e-4],
  ])('%s', (_, make, offset, tolerance) => distill(worn(make()), [4, 64, 64, 3], offset, tolerance));

  const folder = fileURLToPath(new URL('../../../../../shared/models/vit-tiny-tinyimagenet/', import.meta.url));
  it.skipIf(!existsSync(folder))('ViT-Ti with weights of TinyImageNet, at 224', async () => {
    await distill(await fromPretrained(folder), [2, 224, 224, 3], 0, 2e-4);
  });
});
