import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import { maxPool, relu6 } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectSameRun } from '../testing/expect-same-run.ts';
import { traceFunction } from '../trace/trace-function.ts';
import { optimizeGraph } from './optimize-graph.ts';

beforeAll(() => tf.setBackend('cpu'));

type Fn = (...args: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
type T4 = tf.Tensor4D;

const image = (seed = 1, channels = 3): tf.Tensor => tf.randomNormal([2, 5, 6, channels], 0, 1, 'float32', seed);
const pads: [number, number][] = [
  [0, 0],
  [1, 1],
  [1, 0],
  [0, 0],
];
const pixel = tf.tidy(() => tf.variable(tf.randomNormal([1, 1, 3, 8], 0, 1, 'float32', 4)));
const square = tf.tidy(() => tf.variable(tf.randomNormal([3, 3, 3, 3], 0, 1, 'float32', 5)));
const channels = [1, 2, 3, 4, 5, 6, 7, 8];
const gamma = tf.tidy(() => tf.variable(tf.tensor1d(channels)));
const beta = tf.tidy(() => tf.variable(tf.tensor1d(channels)));
const filter = square as tf.Tensor as T4;

const convolved = (x: tf.Tensor, weights: tf.Tensor = pixel): tf.Tensor => tf.conv2d(x as T4, weights as T4, 1, 'same');
function normalized(x: tf.Tensor, offset: tf.Tensor = beta, scale: tf.Tensor = gamma): tf.Tensor {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const [m, v, o, s] = [mean, variance, offset, scale] as tf.Tensor1D[];
  return tf.batchNorm(x as T4, m!, v!, o, s);
}

/** The gradients of a function's output, which is not linear in it, by the argument and the variables. */
const withGradients =
  (f: (x: tf.Tensor) => tf.Tensor, variables: tf.Variable[] = [], byImage = true): Fn =>
  (x) => {
    const loss = (given: tf.Tensor) => tf.sum(tf.sin(f(given))) as tf.Scalar;
    const dx = byImage ? [tf.grad(loss)(tf.add(x!, 0))] : [];
    const grads = variables.length ? Object.values(tf.variableGrads(() => loss(x!), variables).grads) : [];
    return [...dx, ...grads];
  };

/** Checks that the passes keep what a function computes, and gives how many kernels of each kind they leave. */
function optimized(fn: Fn, args: tf.Tensor[] = [image()], tolerance = 1e-5): (op: string) => number {
  const isNormalized = optimizeGraph(expectSameRun(fn, args, 2e-4, 2e-4)).nodes.some(({ op }) => /BatchNorm/.test(op));
  const graph = expectSameRun(fn, args, isNormalized ? 2e-4 : tolerance, isNormalized ? 2e-4 : 0);
  const ops = optimizeGraph(graph).nodes.map(({ op }) => op);
  return (op) => ops.filter((each) => each === op).length;
}

describe('simplifications', () => {
  it('make of a product in a batch of one a product of matrices, and add its bias before it is reshaped', () => {
    const [x, weights] = [
      tf.randomNormal([1, 5, 3], 0, 1, 'float32', 1),
      tf.randomNormal([1, 3, 4], 0, 1, 'float32', 2),
    ];
    const dense = (given: tf.Tensor, bias: tf.Tensor): tf.Tensor =>
      tf.reshape(tf.sin(tf.add(tf.matMul(given as tf.Tensor3D, weights as tf.Tensor3D), bias)), [5, 4]);
    const single = optimizeGraph(expectSameRun((given) => dense(given!, tf.tensor1d([1, 2, 3, 4])), [x], 1e-5, 0));
    const [product, sum] = single.nodes.filter(({ op }) => op === 'BatchMatMul' || op === 'Add');
    expect(product!.outs[0]!.shape).toEqual([5, 4]);
    expect(Object.values(sum!.ins)).toContain(product!.outs[0]);
    // As many columns as rows: only the last axis is the bias'.
    const square = (given: tf.Tensor): tf.Tensor => {
      const y = tf.matMul(given as tf.Tensor3D, weights as tf.Tensor3D);
      return tf.add(tf.reshape(y, [4, 5]), tf.tensor1d([1, 2, 3, 4, 5]));
    };
    expectSameRun((given) => square(given!), [x], 1e-5, 0);
    const batch = (given: tf.Tensor): tf.Tensor =>
      tf.matMul(tf.tile(given, [2, 1, 1]) as tf.Tensor3D, weights as tf.Tensor3D);
    expect(optimized((given) => batch(given!), [x])('BatchMatMul')).toBe(1);
  });

  it('split fused kernels with bias and activation', () => {
    const fused: Fn = (x) =>
      (['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const).map((activation) =>
        tf.fused.conv2d({ x: x as T4, filter, strides: 1, pad: 'same', bias: tf.tensor1d([1, -2, 3]), activation }),
      );
    const count = optimized(fused);
    expect([count('FusedConv2D'), count('Conv2D'), count('Add')]).toEqual([0, 6, 6]);
  });

  it('merge reshapes and transposes that undo each other', () => {
    const count = optimized((x) => {
      const turned = tf.transpose(tf.tanh(tf.transpose(tf.transpose(x!, [0, 2, 1, 3]), [0, 2, 1, 3])), [3, 0, 1, 2]);
      return tf.reshape(tf.expandDims(tf.reshape(turned, [-1]), 0), [6, 30]);
    });
    expect([count('Transpose'), count('Reshape')]).toEqual([1, 1]);
  });

  it('make the gradient of a mean a broadcast of what is small', () => {
    const count = optimized((x) => tf.grad((y) => tf.sum(tf.sin(tf.mean(y, [1, 2]))))(x!));
    expect([count('BroadcastTo'), count('Fill')]).toEqual([1, 0]);
    const graph = optimizeGraph(
      traceFunction(
        (x) => tf.grad((y) => tf.sum(tf.sin(tf.mean(y, [1, 2]))))(x!),
        [{ shape: [2, 5, 6, 3], dtype: 'float32' }],
      ),
    );
    expect(graph.nodes.at(-1)!.op).toBe('BroadcastTo');
  });

  it('keep a broadcast that is read elsewhere as it is', () => {
    const count = optimized((x) => {
      const wide = tf.tile(tf.mean(x!, [1, 2], true), [1, 5, 6, 1]);
      return [wide, tf.mul(wide, 3)];
    });
    expect(count('BroadcastTo')).toBe(1);
  });

  it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['tf.relu6', (x) => tf.relu6(x)],
    ['clipByValue of relu', (x) => tf.clipByValue(tf.relu(x), 0, 6)],
    ['relu6 of @kd/ops', (x) => relu6(x)],
  ])('know the gradient of ReLU6: %s', (_, f) => {
    const count = optimized(withGradients((x) => f(tf.mul(x, 5))));
    expect([count('Relu6'), count('KdRelu6Grad')]).toEqual([1, 1]);
    for (const op of ['Step', 'Select', 'ClipByValue', 'LessEqual', 'Relu']) expect(count(op)).toBe(0);
  });

  it('leave other bounds alone', () => {
    const count = optimized(withGradients((x) => tf.clipByValue(tf.relu(tf.mul(x, 5)), 0, 5)));
    expect([count('KdRelu6Grad'), count('ClipByValue')]).toEqual([0, 1]);
  });

  it('leave a step alone that is no gradient of a ReLU', () => {
    const count = optimized((x) => [tf.mul(x!, tf.step(x!)), tf.mul(tf.relu(x!), tf.step(x!, 0.5))]);
    expect([count('KdReluGrad'), count('Step')]).toEqual([1, 1]); // the first is one: there is relu(x)
  });
});

describe('padding', () => {
  it('becomes that of convolutions, in all three directions', () => {
    for (const pad of ['valid', 'same'] as const) {
      const count = optimized(withGradients((x) => tf.conv2d(tf.pad(x, pads) as T4, filter, 1, pad), [square]));
      expect([count('PadV2'), count('Slice')]).toEqual([0, 0]);
    }
  });

  it('of other numbers, of channels, and for others stays', () => {
    const other = optimized((x) => tf.conv2d(tf.pad(x!, pads, 1) as T4, filter, 1, 'valid'));
    expect(other('PadV2')).toBe(1);
    const wide = tf.randomNormal([3, 3, 4, 2], 0, 1, 'float32', 2) as T4;
    const ofChannels = optimized((x) =>
      tf.conv2d(
        tf.pad(x!, [
          [0, 0],
          [0, 0],
          [0, 0],
          [0, 1],
        ]) as T4,
        wide,
        1,
        'valid',
      ),
    );
    expect(ofChannels('PadV2')).toBe(1);
    const shared = optimized((x) => {
      const padded = tf.pad(x!, pads) as T4;
      return [padded, tf.conv2d(padded, filter, 1, 'valid')];
    });
    expect(shared('PadV2')).toBe(1);
  });

  it('becomes that of a max-pool behind a ReLU', () => {
    const pool = (x: tf.Tensor) => tf.maxPool(tf.pad(x, pads) as T4, 3, 2, 'valid');
    const rectified = optimized(withGradients((x) => pool(tf.relu(tf.sub(x, 1)))));
    expect([rectified('PadV2'), rectified('Slice'), rectified('MaxPoolGrad')]).toEqual([0, 0, 1]);
    expect(optimized(withGradients(pool))('PadV2')).toBe(1);
    const least = optimized(
      withGradients((x) =>
        maxPool(x as T4, {
          size: 3,
          strides: 2,
          padding: [
            [1, 1],
            [1, 0],
          ],
        }),
      ),
    );
    expect([least('PadV2'), least('Slice')]).toEqual([0, 0]);
  });
});

describe('batch-norm', () => {
  const block = (x: tf.Tensor) => normalized(convolved(x));
  const variables = [pixel, gamma, beta];

  it('takes an expanding 1x1 convolution in, forward and backward', () => {
    const count = optimized(withGradients(block, variables, false));
    expect([count('KdConvBatchNorm'), count('KdConvBatchNormGrad'), count('Conv2D')]).toEqual([1, 1, 0]);
    expect([count('Conv2DBackpropFilter'), count('KdBatchNorm'), count('KdBatchNormGrad')]).toEqual([0, 0, 0]);
  });

  it.each<[string, Fn]>([
    ['without a backward pass', (x) => block(x!)],
    ['that is read by something else', withGradients((x) => tf.add(convolved(x), tf.relu(block(x))), variables, false)],
    [
      'that does not widen',
      withGradients((x) => normalized(tf.conv2d(x as T4, tf.ones([1, 1, 3, 8]), 1, 'same')), [gamma], true),
    ],
    ['whose filter is not trained', withGradients(block, [gamma, beta], false)],
  ])('not one %s', (_, fn) => {
    expect(optimized(fn)('KdConvBatchNorm')).toBe(0);
  });

  // I² (1 / P + 1 / O), with 2 images of 5 x 6 pixels
  it.each([
    [32, 128, 1], // 25
    [64, 128, 0], // 100
  ])('one of %i channels to %i on few pixels: %i', (inputs, outputs, expected) => {
    const [weights, scale, offset] = tf.tidy(() => [
      tf.variable(tf.randomNormal([1, 1, inputs, outputs], 0, 1, 'float32', 3)),
      tf.variable(tf.ones([outputs])),
      tf.variable(tf.zeros([outputs])),
    ]);
    const wide = (x: tf.Tensor) => normalized(convolved(x, weights), offset, scale);
    const fn = withGradients(wide, [weights!, scale!, offset!], false);
    expect(optimized(fn, [image(1, inputs)])('KdConvBatchNorm')).toBe(expected);
  });

  it('takes activation and sum in', () => {
    const skip = tf.tidy(() => tf.variable(image(9, 8)));
    const residual = (x: tf.Tensor) => tf.relu(tf.add(normalized(x), skip));
    const count = optimized(withGradients(residual, [gamma, beta, skip]), [image(2, 8)]);
    expect([count('Relu'), count('KdReluGrad') > 0, count('KdBatchNorm') > 0]).toEqual([0, true, true]);
  });

  it('leaves an activation alone whose input is read as well', () => {
    const count = optimized(
      (x) => {
        const y = normalized(x!);
        return [y, tf.relu(y)];
      },
      [image(2, 8)],
    );
    expect([count('Relu'), count('KdBatchNorm')]).toEqual([1, 1]);
  });
});

describe('sums of gradients', () => {
  it('go into the gradient of a convolution', () => {
    const count = optimized(withGradients((x) => tf.add(tf.conv2d(tf.tanh(x) as T4, filter, 1, 'same'), tf.tanh(x))));
    const twice = withGradients((x) => {
      const y = tf.tanh(x);
      return tf.add(tf.conv2d(y as T4, filter, 1, 'same'), tf.square(y));
    });
    expect(count('Conv2DBackpropInput')).toBe(1);
    const graph = optimizeGraph(traceFunction(twice, [{ shape: [2, 5, 6, 3], dtype: 'float32' }]));
    expect(graph.nodes.find(({ op }) => op === 'Conv2DBackpropInput')!.ins.z).toBeDefined();
    optimized(twice);
  });
});

it('leaves the graph that it is given as it is', () => {
  const graph = traceFunction(
    withGradients((x) => tf.relu6(normalized(convolved(x))), [pixel]),
    [{ shape: [2, 5, 6, 3], dtype: 'float32' }],
  );
  const show = () => JSON.stringify(graph.nodes.map(({ op, attrs, ins }) => [op, attrs, Object.keys(ins)]));
  const before = show();
  expect(optimizeGraph(graph).nodes.length).toBeLessThan(graph.nodes.length);
  expect(show()).toBe(before);
});

it('gives every convolution and pool its geometry', () => {
  const graph = traceFunction(
    (x) => [tf.conv2d(x as T4, filter, 1, 'same', 'NHWC', 2), tf.maxPool(x as T4, [2, 3], 2, 'same')],
    [{ shape: [2, 5, 6, 3], dtype: 'float32' }],
  );
  expect(optimizeGraph(graph).nodes.map(({ geometry }) => geometry)).toEqual([
    { kernel: [3, 3], strides: [1, 1], dilations: [2, 2], pads: [2, 2, 2, 2] },
    { kernel: [2, 3], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 1, 1] },
  ]);
});

it('shares kernels only if they are equal, infinities and zeros told apart', () => {
  const fn: Fn = (x) => {
    const rows = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0, -0].map((value) =>
      tf.concat([tf.fill([2], value), tf.slice(x!, 0, 2)], 0),
    );
    return [...rows, tf.exp(tf.slice(x!, 0, 2)), tf.exp(tf.slice(x!, 1, 1)), tf.exp(tf.slice(x!, 0, 2))];
  };
  const x = tf.tensor1d([1, 2, 3]);
  const count = optimized(fn, [x]);
  expect([count('Slice'), count('Exp'), count('Concat')]).toEqual([2, 2, 5]);
});
