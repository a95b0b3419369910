import { gelu } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { broadcasting, type Cases, EXTREMES, floats, number, shapes } from '../kernel-cases.ts';
import { unary } from './unary.ts';

/** Activations and their gradients. */
export const activationCases: Cases = {
  Relu: unary(-9, 9, [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]),
  Relu6: unary(-9, 9, [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]),
  Sigmoid: unary(-9, 9).map((each) => ({ ...each, scale: 1 })),
  Softplus: unary(-100, 100, []),
  Elu: unary(-9, 9),
  Selu: unary(-9, 9),
  LeakyRelu: unary(-9, 9, EXTREMES, fc.constantFrom({ alpha: 0.2 }, { alpha: 0.01 })),
  Prelu: broadcasting
    .chain(([x, alpha]) => fc.tuple(number(x), floats(alpha)))
    .map(([x, alpha]) => ({ ins: { x, alpha } })),
  EluGrad: shapes()
    .chain((shape) => fc.tuple(floats(shape), floats(shape, -1, 4)))
    .map(([dy, y]) => ({ ins: { dy, y } })),
  Step: unary(
    -4,
    4,
    [1e-37, -1e-37, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    fc.constantFrom({ alpha: 0 }, { alpha: 0.3 }),
  ),
  KdReluGrad: shapes()
    .chain((shape) => fc.tuple(floats(shape), floats(shape, 0, 4, [1e-37])))
    .map(([dy, y]) => ({
      ins: { dy, y },
      expected: ({ dy, y }) => [tf.mul(dy!, tf.cast(tf.greater(y!, 0), 'float32'))],
    })),
  KdRelu6Grad: shapes()
    .chain((shape) => fc.tuple(floats(shape), floats(shape, 0, 6, [5.9999995, 1e-37])))
    .map(([dy, y]) => ({
      ins: { dy, y },
      expected: ({ dy, y }) => [tf.mul(dy!, tf.cast(tf.logicalAnd(tf.greater(y!, 0), tf.less(y!, 6)), 'float32'))],
    })),
  KdGelu: shapes()
    .chain((shape) => floats(shape, -9, 9))
    .map((x) => ({ ins: { x }, scale: 1, expected: ({ x }) => [gelu(x!)] })),
  KdGeluGrad: shapes()
    .chain((shape) => fc.tuple(floats(shape), floats(shape, -9, 9)))
    .map(([dy, x]) => ({ ins: { dy, x }, scale: 1, expected: ({ dy, x }) => [tf.grad(gelu)(x!, dy!)] })),
};
