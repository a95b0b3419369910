import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../graph/graph.ts';
import { optimizeGraph } from '../passes/optimize-graph.ts';
import { expectClose } from '../testing/expect-close.ts';
import { replayGraph } from '../testing/replay-graph.ts';
import { traceFunction } from './trace-function.ts';

beforeAll(() => tf.setBackend('cpu'));

const draw = (shape: readonly number[], seed: number): tf.Tensor => tf.randomNormal([...shape], 1, 2, 'float32', seed);
const opsOf = ({ nodes }: Graph): string[] => nodes.map(({ op }) => op);

type Step = (x: tf.Tensor) => Record<string, tf.Tensor>;

/** Traces and replays a step, runs it eagerly, and compares results and variables. */
function expectEager(step: Step, x: tf.Tensor, variables: readonly tf.Variable[], tolerance = 2e-6): Graph {
  const graph = traceFunction(step, [{ shape: x.shape, dtype: 'float32' }]);
  const replayed = [graph, optimizeGraph(graph)].map((each) => replayGraph(each, { argument0: x }));
  const results = step(x);
  for (const outputs of replayed) {
    for (const [name, tensor] of Object.entries(results)) expectClose(outputs[name]!, tensor, tolerance, name);
    for (const variable of variables) expectClose(outputs[`assigned/${variable.name}`]!, variable, 2e-7, variable.name);
  }
  return graph;
}

/** Forward and backward of layers, with the gradient of their input. */
function stepOf(layers: readonly tfl.layers.Layer[], training = true): { step: Step; moving: tf.Variable[] } {
  const weights = layers.flatMap((layer) => layer.weights.map((each) => (each as unknown as { val: tf.Variable }).val));
  const trained = weights.filter(({ name }) => !name.includes('moving'));
  const step: Step = (x) => {
    const forward = (given: tf.Tensor) =>
      layers.reduce((y, layer) => layer.apply(y, { training }) as tf.Tensor, tf.add(given, 0));
    const loss = (given: tf.Tensor) => tf.mean(tf.mul(tf.sin(forward(given)), draw(x.shape, 8))) as tf.Scalar;
    let y: tf.Tensor | undefined;
    const { grads } = tf.variableGrads(() => {
      y = tf.keep(forward(x));
      return tf.mean(tf.mul(tf.sin(y), draw(x.shape, 8))) as tf.Scalar;
    }, trained);
    return { y: y!, dx: tf.grad(loss)(x), ...grads };
  };
  return { step, moving: training ? weights.filter(({ name }) => name.includes('moving')) : [] };
}

function built(layer: tfl.layers.Layer, shape: readonly number[]): tfl.layers.Layer {
  layer.apply(tf.zeros([...shape]));
  layer.weights.forEach((weight, i) => {
    weight.write(tf.abs(draw(weight.shape as number[], i + 1))); // 0 is no seed for TF.js: other numbers each time
  });
  return layer;
}

describe('batch-norm of tfjs-layers in training', () => {
  it.each([[[6, 5]], [[3, 4, 5]], [[2, 3, 4, 5]]])('[%s] is KdBatchNorm, with its own moving averages', (shape) => {
    const { step, moving } = stepOf([built(tfl.layers.batchNormalization({ momentum: 0.9 }), shape)]);
    const graph = expectEager(step, draw(shape, 3), moving);
    expect(moving.length).toBe(2);
    const ops = opsOf(graph);
    expect(ops.filter((op) => op === 'KdBatchNorm').length).toBe(2); // two forward passes
    expect(ops.filter((op) => op === 'KdBatchNormGrad').length).toBe(2);
    expect(ops.filter((op) => /Mean|Square|Rsqrt|FusedBatchNorm/.test(op))).toEqual([]);
  });

  it('behind a product, which TF.js has in a batch of one, is KdBatchNorm as well', () => {
    const norm = built(tfl.layers.batchNormalization({}), [6, 5]);
    const kernel = tf.variable(draw([4, 5], 1));
    const loss = (given: tf.Tensor): tf.Scalar => {
      const product = tf.matMul(tf.reshape(given, [1, 6, 4]), tf.reshape(kernel, [1, 4, 5]));
      return tf.sum(tf.sin(norm.apply(tf.reshape(product, [6, 5]), { training: true }) as tf.Tensor));
    };
    const step: Step = (given) => ({
      dx: tf.grad(loss)(given),
      ...tf.variableGrads(() => loss(given), [kernel]).grads,
    });
    const ops = opsOf(expectEager(step, draw([6, 4], 3), [], 2e-5));
    expect(ops).toContain('KdBatchNormGrad');
    expect(ops.filter((op) => /Mean|Square|Rsqrt|FusedBatchNorm/.test(op))).toEqual([]);
  });

  it('along another axis stays as TF.js computes it', () => {
    const layer = built(tfl.layers.batchNormalization({ axis: 1 }), [4, 3, 4, 5]);
    const { moving } = stepOf([layer]);
    // Forward: TF.js itself has no gradient for it.
    const step: Step = (x) => ({ y: layer.apply(x, { training: true }) as tf.Tensor });
    expect(opsOf(expectEager(step, draw([4, 3, 4, 5], 3), moving))).not.toContain('KdBatchNorm');
  });

  it('in inference stays as TF.js computes it', () => {
    const { step } = stepOf([built(tfl.layers.batchNormalization({}), [2, 3, 4, 5])], false);
    expect(opsOf(expectEager(step, draw([2, 3, 4, 5], 3), []))).toContain('FusedBatchNorm');
  });

  it('and ReLU with a largest value are coarse kernels after the passes', () => {
    const layers = [
      built(tfl.layers.batchNormalization({}), [2, 3, 4, 5]),
      tfl.layers.reLU({ maxValue: 6 }),
      built(tfl.layers.batchNormalization({}), [2, 3, 4, 5]),
      tfl.layers.activation({ activation: 'relu6' }),
      built(tfl.layers.batchNormalization({}), [2, 3, 4, 5]),
      tfl.layers.reLU({}),
    ];
    const { step, moving } = stepOf(layers);
    const graph = expectEager(step, draw([2, 3, 4, 5], 3), moving, 2e-4); // sums of three layers in other orders
    const ops = new Set(opsOf(optimizeGraph(graph)));
    for (const op of ['KdBatchNorm', 'KdBatchNormGrad', 'KdRelu6Grad', 'KdReluGrad']) expect(ops).toContain(op);
    for (const op of ['Step', 'ClipByValue', 'LessEqual', 'GreaterEqual', 'LogicalAnd', 'Relu6', 'Relu']) {
      expect(ops).not.toContain(op);
    }
  });
});

describe('tf.moments and tf.batchNorm', () => {
  const batchNorm = (x: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor): tf.Tensor =>
    tf.batchNorm(x as tf.Tensor4D, mean as tf.Tensor1D, variance as tf.Tensor1D, tf.ones([3]), tf.tensor1d([1, 2, 3]));
  const normalised = (x: tf.Tensor, statistics = x, axes = [0, 1, 2]) => {
    const { mean, variance } = tf.moments(statistics, axes);
    return { mean, variance, y: batchNorm(x, mean, variance) };
  };
  const x = draw([2, 3, 4, 3], 5);

  it('without offset and scale, for which TF.js has no gradient', () => {
    const step: Step = (given) => {
      const { mean, variance } = tf.moments(given, [0, 1, 2]);
      return { y: tf.batchNorm(given as tf.Tensor4D, mean as tf.Tensor1D, variance as tf.Tensor1D), mean, variance };
    };
    expect(opsOf(expectEager(step, x, []))).toEqual(['Fill', 'Fill', 'KdBatchNorm']);
  });

  it('with a loss that reads the statistics as well', () => {
    const step: Step = (given) => {
      const loss = (input: tf.Tensor) => {
        const { mean, variance, y } = normalised(tf.sin(input));
        return tf.addN([tf.mean(tf.square(y)), tf.sum(tf.exp(mean)), tf.sum(tf.square(variance))]) as tf.Scalar;
      };
      return { dx: tf.grad(loss)(given) };
    };
    const ops = opsOf(expectEager(step, x, []));
    expect(ops).toContain('KdBatchNormGrad');
  });

  it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['statistics of another tensor', (x) => normalised(x, tf.exp(x)).y],
    ['statistics of an average over fewer axes', (x) => normalised(x, tf.reshape(x, [24, 3]), [0]).y],
    [
      'mean and variance of different tensors',
      (x) => {
        const [a, b] = [tf.moments(x, [0, 1, 2]), tf.moments(tf.exp(x), [0, 1, 2])];
        return batchNorm(x, a.mean, b.variance);
      },
    ],
    [
      'a mean that was moved',
      (x) => {
        const { mean, variance } = tf.moments(x, [0, 1, 2]);
        return batchNorm(x, tf.add(mean, 1), variance);
      },
    ],
    [
      'a scale that is made of the mean',
      (x) => {
        const { mean, variance } = tf.moments(x, [0, 1, 2]);
        const [m, v] = [mean as tf.Tensor1D, variance as tf.Tensor1D];
        return tf.batchNorm(x as tf.Tensor4D, m, v, tf.ones([3]), tf.exp(m));
      },
    ],
  ])('%s: what it computes is right', (name, f) => {
    const step: Step = (given) => ({ y: f(given), dx: tf.grad((input) => tf.sum(tf.sin(f(input))))(given) });
    const ops = opsOf(expectEager(step, x, []));
    expect(ops.includes('KdBatchNorm')).toBe(name.includes('fewer axes'));
  });
});
