import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, it } from 'vitest';
import { expectSameRun } from '../testing/expect-same-run.ts';

beforeAll(() => tf.setBackend('cpu'));

type Images = tf.Tensor4D;
type Instruction = (x: Images, y: Images, weights: tf.Variable[]) => tf.Tensor;

const CHANNELS = 4;

/** All take and give images [batch, height, width, 4]; heights and widths may shrink. */
const INSTRUCTIONS: Record<string, Instruction> = {
  tanh: (x) => tf.tanh(x),
  sigmoid: (x) => tf.mul(tf.sigmoid(x), 2),
  relu: (x) => tf.relu(x),
  relu6: (x) => tf.relu6(tf.mul(x, 4)),
  clipped: (x) => tf.clipByValue(tf.relu(x), 0, 6),
  square: (x) => tf.square(tf.sin(x)),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
  dividedByNorm: (x) => tf.div(x, tf.sqrt(tf.add(1, tf.sum(tf.square(x), -1, true)))),
  centred: (x) => tf.sub(x, tf.mean(x, [1, 2], true)),
  timesOnes: (x) => tf.mul(tf.ones(x.shape), tf.add(x, tf.zerosLike(x))),
  where: (x) => tf.where(tf.tensor1d([true, false, true, false], 'bool'), x, tf.mul(x, 0.5)),
  product: (x, y) => (x.shape.join() === y.shape.join() ? tf.mul(x, y) : tf.neg(x)),
  sum: (x, y) => (x.shape.join() === y.shape.join() ? tf.add(y, x) : tf.add(x, 1)),
  difference: (x, y) => tf.sub(x, tf.mean(y, [1, 2], true)),
  concatenated: (x, y) =>
    x.shape.join() === y.shape.join() ? tf.slice(tf.concat([x, y], 1), [0, 1, 0, 0], x.shape) : x,
  swapped: (x) => tf.transpose(tf.transpose(x, [0, 2, 1, 3]), [0, 2, 1, 3]),
  turned: (x) => tf.transpose(x, [0, 2, 1, 3]),
  reshaped: (x) => tf.reshape(tf.expandDims(tf.reshape(x, [-1, CHANNELS]), 1), x.shape),
  padded: (x) =>
    tf.slice(
      tf.pad(x, [
        [0, 0],
        [1, 0],
        [0, 2],
        [0, 0],
      ]),
      [0, 0, 1, 0],
      x.shape,
    ),
  dense: (x, _, [matrix]) =>
    tf.reshape(tf.matMul(tf.reshape(x, [-1, CHANNELS]), matrix as tf.Tensor as tf.Tensor2D), x.shape),
  convolved: (x, _, [, filter]) => tf.conv2d(x, filter as tf.Tensor as Images, 1, 'same'),
  paddedConvolution: (x, _, [, filter]) =>
    tf.conv2d(
      tf.pad(x, [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ]),
      filter as tf.Tensor as Images,
      1,
      'valid',
    ),
  depthwise: (x, _, [, , filter]) => tf.depthwiseConv2d(x, filter as tf.Tensor as Images, 1, 'same'),
  pooled: (x) => (Math.min(x.shape[1], x.shape[2]) > 2 ? tf.maxPool(x, 2, 1, 'valid') : x),
  averaged: (x) => tf.avgPool(x, 3, 1, 'same'),
  normalized(x) {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    const [offset, scale] = [tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([1, -1, 2, 0.5])];
    return tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, offset, scale, 0.01);
  },
};

const instruction = fc.record({
  name: fc.constantFrom(...Object.keys(INSTRUCTIONS)),
  first: fc.nat(20),
  second: fc.nat(20),
});

it('random programs replay as they run, value and gradients, before and after the passes', () => {
  const weights = [
    [CHANNELS, CHANNELS],
    [3, 3, CHANNELS, CHANNELS],
    [3, 3, CHANNELS, 1],
  ].map((shape, i) => tf.variable(tf.randomNormal(shape, 0, 0.5, 'float32', i + 1), true, `weight${i}`));
  fc.assert(
    fc.property(
      fc.array(instruction, { minLength: 1, maxLength: 8 }),
      fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 2, max: 5 }), fc.integer({ min: 2, max: 5 })),
      fc.integer({ min: 1, max: 1000 }),
      (program, size, seed) => {
        const run = (input: tf.Tensor): Images => {
          const made = [input as Images];
          for (const { name, first, second } of program) {
            const [x, y] = [made.at(-1 - (first % Math.min(2, made.length)))!, made[second % made.length]!];
            made.push(INSTRUCTIONS[name]!(x, y, weights) as Images);
          }
          return made.at(-1)!;
        };
        // Every variable takes part, as TF.js gives no gradient of others.
        const loss = (x: tf.Tensor): tf.Scalar => {
          const rest = weights.map((weight) => tf.sum(tf.square(weight)));
          return tf.addN([tf.mean(tf.square(run(x))), ...rest]) as tf.Scalar;
        };
        const step = (x: tf.Tensor) => {
          const { value, grads } = tf.variableGrads(() => loss(x), weights);
          return { y: run(x), dx: tf.grad(loss)(tf.add(x, 0)), value, ...grads };
        };
        const images = tf.randomNormal([...size, CHANNELS], 0, 1, 'float32', seed);
        // KdBatchNorm sums in another order, and batch-norm of few values magnifies that.
        const isNormalized = program.some(({ name }) => name === 'normalized');
        expectSameRun(step, [images], isNormalized ? 2e-3 : 1e-4, isNormalized ? 2e-3 : 0);
      },
    ),
    { numRuns: 60, seed: 7 },
  );
});
