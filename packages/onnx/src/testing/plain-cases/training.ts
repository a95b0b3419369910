import { adamUpdate, attention, layerNorm, sgdUpdate } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { attentionGradientReference } from '../attention-gradient-reference.ts';
import { type Cases, floats, type KernelCase, shapes, type TensorSpec } from '../kernel-cases.ts';

const sizes = fc.integer({ min: 1, max: 6 });

const products: fc.Arbitrary<KernelCase> = fc
  .tuple(
    sizes,
    sizes,
    sizes,
    fc.boolean(),
    fc.boolean(),
    fc.constantFrom(
      [[], []],
      [[3], [3]],
      [
        [2, 3],
        [1, 3],
      ],
      [[1], [4]],
      [[2, 3], [3]],
    ),
  )
  .chain(([m, k, n, transposeA, transposeB, [outerA, outerB]]) =>
    fc
      .tuple(
        floats([...outerA!, ...(transposeA ? [k, m] : [m, k])]),
        floats([...outerB!, ...(transposeB ? [n, k] : [k, n])]),
      )
      .map(([a, b]) => ({
        ins: { a, b },
        attrs: { transposeA, transposeB },
      })),
  );

/** Kernels of matrices. */
export const productCases: Cases = {
  BatchMatMul: products.map((each) => ({
    ...each,
    expected: ({ a, b }) => [tf.matMul(a!, b!, each.attrs!.transposeA as boolean, each.attrs!.transposeB as boolean)],
  })),
  Einsum: fc
    .tuple(floats([2, 3, 4]), floats([2, 4, 5]))
    .map(([a, b]) => ({ ins: { 0: a, 1: b }, attrs: { equation: 'bij, bjk -> bik' } })),
  Softmax: shapes(1)
    .chain((shape) => floats(shape, -50, 50))
    .map((logits) => ({ ins: { logits }, attrs: { dim: logits.shape.length - 1 } })),
  LogSoftmax: shapes(1)
    .chain((shape) => floats(shape, -50, 50))
    .map((logits) => ({
      ins: { logits },
      attrs: { axis: logits.shape.length - 1 },
      expected: ({ logits }) => [tf.logSoftmax(logits!)],
    })),
};

// More than one channel: the normalised value of one is 0 over 0, and its gradient amplifies rounding by 1 / sqrt(epsilon).
const rows = fc.tuple(shapes(1, 3), fc.integer({ min: 3, max: 9 })).map(([shape, channels]) => [...shape, channels]);
const heads = fc.tuple(sizes, sizes, sizes, sizes);

/** What a kernel of `@kd/ops` gives, and what it saves for its gradient. */
const normalised = (x: tf.Tensor, epsilon: number): [mean: tf.Tensor, inverse: tf.Tensor] => {
  const { mean, variance } = tf.moments(x, -1, true);
  return [mean, tf.rsqrt(tf.add(variance, epsilon))];
};

const spec = (x: tf.Tensor): TensorSpec => ({ shape: x.shape, dtype: 'float32', values: Array.from(x.dataSync()) });
const tensorOf = ({ shape, values }: TensorSpec): tf.Tensor => tf.tensor(values as number[], [...shape]);

const weightsOf = (query: tf.Tensor, key: tf.Tensor, scale: number): tf.Tensor =>
  tf.softmax(tf.mul(tf.matMul(query, key, false, true), scale));

/** Training kernels of docs/kernels.md. */
export const trainingCases: Cases = {
  KdLayerNorm: rows
    .chain((shape) => fc.tuple(floats(shape), floats(shape.slice(-1)), floats(shape.slice(-1))))
    .map(([x, gamma, beta]) => ({
      ins: { x, gamma, beta },
      attrs: { epsilon: 1e-2 },
      scale: 1, // the mean's terms may cancel
      expected: ({ x, gamma, beta }) => [
        layerNorm(x!, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-2),
        ...normalised(x!, 1e-2),
      ],
    })),
  KdLayerNormGrad: rows
    .chain((shape) => fc.tuple(floats(shape), floats(shape), floats(shape.slice(-1))))
    .map(([dy, x, gamma]) => {
      const [saved0, saved1] = normalised(tensorOf(x), 1e-2).map(spec);
      const norm = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
        layerNorm(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-2);
      return {
        ins: { dy, x, gamma, saved0: saved0!, saved1: saved1! },
        attrs: { epsilon: 1e-2 },
        scale: 1,
        expected: ({ dy, x, gamma }) => tf.grads(norm)([x!, gamma!, tf.zerosLike(gamma!)], dy!),
      };
    }),
  FusedBatchNorm: fc
    .tuple(rows, fc.boolean(), fc.boolean())
    .chain(([shape, hasScale, hasOffset]) =>
      fc.tuple(
        floats([...Array.from({ length: 4 - shape.length }, () => 1), ...shape].slice(-4)),
        floats(shape.slice(-3)),
        floats(shape.slice(-3), 0.01, 4),
        fc.constant(hasScale).chain((is) => (is ? floats(shape.slice(-3)) : fc.constant(undefined))),
        fc.constant(hasOffset).chain((is) => (is ? floats(shape.slice(-3)) : fc.constant(undefined))),
      ),
    )
    .map(([x, mean, variance, scale, offset]) => ({
      ins: { x, mean, variance, ...(scale ? { scale } : {}), ...(offset ? { offset } : {}) },
      attrs: { varianceEpsilon: 1e-3 },
      scale: 1, // x and the mean, or all of it and the offset, may cancel
    })),
  KdAttention: heads
    .chain((shape) => fc.tuple(floats(shape), floats(shape), floats(shape)))
    .map(([query, key, value]) => ({
      ins: { query, key, value },
      attrs: { scale: 0.7 },
      scale: 1, // the values may cancel
      expected: ({ query, key, value }) => [
        attention(query as tf.Tensor4D, key as tf.Tensor4D, value as tf.Tensor4D, { scale: 0.7 }),
        weightsOf(query!, key!, 0.7),
      ],
    })),
  KdAttentionGrad: heads
    .chain((shape) => fc.tuple(floats(shape), floats(shape), floats(shape), floats(shape)))
    .map(([dy, query, key, value]) => ({
      ins: { dy, query, key, value, saved0: spec(weightsOf(tensorOf(query), tensorOf(key), 0.7)) },
      attrs: { scale: 0.7 },
      scale: 1,
      expected: (ins) => attentionGradientReference(ins, 0.7),
    })),
};

const ADAM = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-3, step: 3, weightDecay: 0.2 };

const SGD = [
  { learningRate: 0.1, momentum: 0, nesterov: false, weightDecay: 0 },
  { learningRate: 0.1, momentum: 0, nesterov: false, weightDecay: 0.2 },
  { learningRate: 0.1, momentum: 0.9, nesterov: false, weightDecay: 0 },
  { learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.2 },
];

/** Optimisers. */
export const updateCases: Cases = {
  KdAdam: shapes()
    .chain((shape) => fc.tuple(floats(shape), floats(shape), floats(shape), floats(shape, 0, 4)))
    .map(([value, gradient, firstMoment, secondMoment]) => ({
      ins: { value, gradient, firstMoment, secondMoment },
      attrs: ADAM,
      scale: 1,
      expected: ({ value, gradient, firstMoment, secondMoment }) =>
        adamUpdate(value!, gradient!, firstMoment!, secondMoment!, ADAM),
    })),
  KdSgd: fc
    .tuple(shapes(), fc.constantFrom(...SGD))
    .chain(([shape, attrs]) => fc.tuple(fc.constant(attrs), floats(shape), floats(shape), floats(shape)))
    .map(([attrs, value, gradient, velocity]) => ({
      ins: { value, gradient, ...(attrs.momentum > 0 ? { velocity } : {}) },
      attrs,
      scale: 1,
      expected: ({ value, gradient, velocity }) => sgdUpdate(value!, gradient!, velocity as never, attrs),
    })),
};
