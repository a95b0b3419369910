import '@tensorflow/tfjs-backend-cpu';
import { adamUpdate, batchNormTraining, sgdUpdate } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, describe, expect, it } from 'vitest';
import { expectClose, expectMatchesReference } from '../../../ops/src/testing/check-op.ts';
import { batchNormReference } from '../../../ops/src/testing/references/batch-norm.ts';
import { ndArray, randomArray } from '../../../ops/src/testing/references/nd-array.ts';
import { checkKernels } from '../check-kernels.ts';
import { selectBackend } from '../node/index.ts';
import type { TensorflowBackend } from '../tensorflow/tensorflow-backend.ts';
import { BACKEND, openBackend } from './open-backend.ts';

const KERNELS = ['KdBatchNorm', 'KdBatchNormGrad', 'KdRelu6Grad', 'KdReluGrad', 'KdAdam', 'KdSgd'];

const registered = () => KERNELS.filter((name) => tf.getKernel(name, 'tensorflow'));

describe.runIf(BACKEND.startsWith('tfjs-node'))('completeTensorflow', () => {
  openBackend();
  afterEach(() => tf.setBackend('tensorflow'));

  it('registers its kernels once, and takes them and the gradients back on request', async () => {
    expect(registered()).toEqual(KERNELS);
    const [adam, relu] = [tf.getKernel('KdAdam', 'tensorflow'), tf.getGradient('Relu')];
    await selectBackend({ backend: BACKEND, complete: true });
    expect([tf.getKernel('KdAdam', 'tensorflow'), tf.getGradient('Relu')]).toEqual([adam, relu]);
    const { summary } = await selectBackend({ backend: BACKEND, complete: false });
    expect(summary).toContain('as it comes');
    expect(registered()).toEqual([]);
    expect(tf.getGradient('KdReluGrad')).toBeUndefined();
    expect(tf.getGradient('Relu')).not.toBe(relu);
    await selectBackend({ backend: BACKEND, complete: true });
    expect(registered()).toEqual(KERNELS);
  });

  it('keeps its digits for a large mean', () => {
    const x = randomArray([64, 4], 1, { mean: 1000 });
    x.data.forEach((value, i) => {
      x.data[i] = Math.fround(value);
    });
    const expected = batchNormReference(x, ndArray([4], [1, 1, 1, 1]), ndArray([4]), 1e-3);
    tf.tidy(() => {
      const input = tf.tensor(Float32Array.from(x.data), [64, 4]);
      const actual = batchNormTraining(input, tf.ones([4]), tf.zeros([4]), 1e-3);
      expectClose(actual.variance.dataSync(), expected.variance.data, 1e-4, 'variance');
      expectClose(actual.output.dataSync(), expected.output.data, 1e-4, 'output');
    });
  });

  const sizes = [3, 4, 5];
  const sumOver = (axes: number[], scale: number) => (x: { data: Float64Array }) => {
    const kept = sizes.filter((_, axis) => !axes.includes(axis));
    const result = new Float64Array(kept.reduce((product, size) => product * size, 1));
    x.data.forEach((value, i) => {
      const index = [Math.floor(i / 20), Math.floor(i / 5) % 4, i % 5];
      const place = index.reduce((at, each, axis) => (axes.includes(axis) ? at : at * sizes[axis]! + each), 0);
      result[place]! += value * scale;
    });
    return ndArray(kept, result);
  };

  it.each([
    {
      name: 'relu',
      op: tf.relu,
      reference: (x: { data: Float64Array }) =>
        ndArray(
          sizes,
          x.data.map((each) => Math.max(0, each)),
        ),
    },
    { name: 'sum over 1', op: (x: tf.Tensor) => tf.sum(x, 1), reference: sumOver([1], 1) },
    { name: 'sum over -1 and 0', op: (x: tf.Tensor) => tf.sum(x, [-1, 0]), reference: sumOver([2, 0], 1) },
    { name: 'mean over 0 and 1', op: (x: tf.Tensor) => tf.mean(x, [0, 1]), reference: sumOver([0, 1], 1 / 12) },
    { name: 'mean of all', op: (x: tf.Tensor) => tf.mean(x), reference: sumOver([0, 1, 2], 1 / 60) },
  ])('has the gradient of finite differences: $name', async ({ name, op, reference }) => {
    const inputs = () => [randomArray(sizes, 1)];
    await expectMatchesReference({ name, op: op as never, reference: reference as never, inputs }, 1e-5);
  });

  it('can be differentiated twice', () => {
    const first = tf.grad((x) => tf.sum(tf.square(tf.relu(x))));
    const second = tf.grad((x) => tf.sum(tf.square(first(x))));
    expect(Array.from(tf.tidy(() => second(tf.tensor1d([-1, 2, 3]))).dataSync())).toEqual([0, 16, 24]);
  });

  it("leaves other backends' gradients alone", async () => {
    await tf.setBackend('cpu');
    expect(
      Array.from(
        tf
          .grad((x) => tf.mean(tf.relu(x)))(tf.tensor1d([-1, 2]))
          .dataSync(),
      ),
    ).toEqual([0, 0.5]);
  });

  it('changes none of its inputs in an update, and holds on to no native tensor', () => {
    const backend = tf.backend() as TensorflowBackend;
    const inputs = [1, 2, 3, 4].map((value) => tf.fill([1000], value));
    const update = () => {
      const [value, gradient, m, v] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const adam = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 3, weightDecay: 0.1 };
      tf.dispose(adamUpdate(value, gradient, m, v, adam));
      tf.dispose(sgdUpdate(value, gradient, m, { learningRate: 0.1, momentum: 0.9 }) as tf.Tensor[]);
    };
    update();
    const before = backend.getNumOfTFTensors();
    for (let i = 0; i < 100; i++) update();
    expect(backend.getNumOfTFTensors()).toBe(before);
    expect(inputs.map((input) => new Set(input.dataSync()))).toEqual([1, 2, 3, 4].map((value) => new Set([value])));
    tf.dispose(inputs);
  });

  it('lacks no kernel for a convolutional network', () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', inputShape: [8, 8, 3] }),
        tfl.layers.batchNormalization({}),
        tfl.layers.depthwiseConv2d({ kernelSize: 3, strides: 2 }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 2 }),
      ],
    });
    expect(checkKernels(model)).toEqual({ backend: 'tensorflow', missing: [] });
  });
});
