import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectSameRun } from '../../testing/expect-same-run.ts';
import { traceFunction } from '../trace-function.ts';
import { RULES } from './index.ts';
import { TRAINING } from './training.ts';

beforeAll(() => tf.setBackend('cpu'));

type T = tf.Tensor;
type T1 = tf.Tensor1D;
type T2 = tf.Tensor2D;
type T4 = tf.Tensor4D;
type Op = (...args: never[]) => T | T[];

const draw = (...shape: number[]): T => tf.randomUniform(shape, 0.1, 0.9, 'float32', 7);
const ints = (values: number[], ...shape: number[]): T => tf.tensor(values, shape, 'int32');
const bools = (...shape: number[]): T => tf.greater(draw(...shape), 0.5);
/** By name: a namespace must not be indexed. */
const byName: Readonly<Record<string, unknown>> = { ...tf };
const unary = (...names: string[]): [string, Op, () => T[]][] =>
  names.map((name) => [name, byName[name] as Op, () => [draw(2, 3)]]);
const binary = (...names: string[]): [string, Op, () => T[]][] =>
  names.map((name) => [name, byName[name] as Op, () => [draw(2, 3), draw(3)]]);
const runKernel = (name: string, inputs: object, attrs: object): T =>
  tf.engine().runKernel(name, inputs as never, attrs as never);

/** Calls of every op whose kernel can be recorded, of tensors that differ in shape and type. */
const CALLS: [string, Op, () => T[]][] = [
  ...unary(
    'abs',
    'acos',
    'acosh',
    'asin',
    'asinh',
    'atan',
    'atanh',
    'ceil',
    'cos',
    'cosh',
    'elu',
    'erf',
    'exp',
    'expm1',
  ),
  ...unary('floor', 'isFinite', 'isInf', 'isNaN', 'leakyRelu', 'log', 'log1p', 'logSigmoid', 'neg', 'onesLike'),
  ...unary(
    'reciprocal',
    'relu',
    'relu6',
    'round',
    'rsqrt',
    'selu',
    'sigmoid',
    'sign',
    'sin',
    'sinh',
    'softplus',
    'sqrt',
  ),
  ...unary(
    'square',
    'step',
    'tan',
    'tanh',
    'zerosLike',
    'softmax',
    'logSoftmax',
    'clone',
    'logSumExp',
    'euclideanNorm',
  ),
  ...binary(
    'add',
    'atan2',
    'div',
    'divNoNan',
    'maximum',
    'minimum',
    'mod',
    'mul',
    'pow',
    'prelu',
    'squaredDifference',
    'sub',
  ),
  ...binary('equal', 'greater', 'greaterEqual', 'less', 'lessEqual', 'notEqual', 'dot'),
  ['floorDiv', (a: T, b: T) => tf.floorDiv(a, b), () => [ints([7, 8, 9], 3), ints([2], 1)]],
  ['bitwiseAnd', (a: T, b: T) => tf.bitwiseAnd(a, b), () => [ints([7, 8, 9], 3), ints([2, 9, 3], 3)]],
  ['add of different types', (a: T, b: T) => tf.add(a, b), () => [draw(2, 3), ints([1, 2, 3], 3)]],
  ['logicalAnd', (a: T, b: T) => tf.logicalAnd(a, b), () => [bools(2, 3), bools(3)]],
  ['logicalOr', (a: T, b: T) => tf.logicalOr(a, b), () => [bools(2, 3), bools(3)]],
  ['logicalXor', (a: T, b: T) => tf.logicalXor(a, b), () => [bools(2, 3), bools(3)]],
  ['logicalNot', (a: T) => tf.logicalNot(a), () => [bools(2, 3)]],
  ['cast', (a: T) => [tf.cast(a, 'int32'), tf.cast(a, 'bool')], () => [draw(2, 3)]],
  ['clipByValue', (a: T) => tf.clipByValue(a, 0.2, 0.5), () => [draw(2, 3)]],
  ['where', (c: T, a: T, b: T) => tf.where(c, a, b), () => [bools(2, 3), draw(2, 3), draw(3)]],
  ['addN', (a: T, b: T) => tf.addN([a, b]), () => [draw(2, 3), draw(2, 3)]],
  ...['sum', 'mean', 'max', 'min', 'prod'].flatMap((name): [string, Op, () => T[]][] => {
    const reduce = byName[name] as (x: T, axis?: number | number[], keepDims?: boolean) => T;
    const each = (x: T) => [reduce(x), reduce(x, -1), reduce(x, [0, 2], true)];
    return [
      [name, each as Op, () => [draw(2, 3, 4)]],
      [`${name} of integers`, each as Op, () => [ints([1, 2, 3, 4], 1, 2, 2)]],
    ];
  }),
  ['sum of truth values', (x: T) => tf.sum(x, 0), () => [bools(3, 2)]],
  ['all, any', (x: T) => [tf.all(x, 1), tf.any(x, 0, true)], () => [bools(2, 3)]],
  ['argMax, argMin', (x: T) => [tf.argMax(x, 1), tf.argMin(x, 0)], () => [draw(2, 3)]],
  ['cumsum, cumprod', (x: T) => [tf.cumsum(x, 1), tf.cumprod(x, 0)], () => [draw(2, 3)]],
  ['moments', (x: T) => Object.values(tf.moments(x, [0, 1])), () => [draw(2, 3, 4)]],
  ['reshape', (x: T) => tf.reshape(x, [-1, 4]), () => [draw(2, 6)]],
  [
    'expandDims, squeeze',
    (x: T) => [tf.expandDims(x, -1), tf.expandDims(x, 1), tf.squeeze(x, [0])],
    () => [draw(1, 6)],
  ],
  ['transpose', (x: T) => tf.transpose(x, [2, 0, 1]), () => [draw(2, 3, 4)]],
  ['tile', (x: T) => tf.tile(x, [2, 1, 3]), () => [draw(2, 3, 1)]],
  ['broadcastTo', (x: T) => tf.broadcastTo(x, [2, 3, 4]), () => [draw(3, 1)]],
  ['reverse', (x: T) => tf.reverse(x, [1]), () => [draw(2, 3)]],
  ['slice', (x: T) => [tf.slice(x, [1, 0], [-1, 2]), tf.slice(x, 1)], () => [draw(4, 3)]],
  ['stridedSlice', (x: T) => tf.stridedSlice(x, [0, 3], [4, 0], [2, -1], 0, 0, 0, 0, 0), () => [draw(4, 5)]],
  ['stridedSlice with masks', (x: T) => tf.stridedSlice(x, [1, 1], [4, 3], [1, 1], 1, 2, 0, 0, 0), () => [draw(4, 5)]],
  [
    'pad',
    (x: T) =>
      tf.pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        3,
      ),
    () => [draw(2, 3)],
  ],
  [
    'mirrorPad',
    (x: T) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [0, 1],
        ],
        'reflect',
      ),
    () => [draw(2, 3)],
  ],
  ['concat', (a: T, b: T) => tf.concat([a, b], -1), () => [draw(2, 3), draw(2, 1)]],
  ['stack, unstack', (a: T, b: T) => tf.unstack(tf.stack([a, b], 1), 2), () => [draw(2, 3), draw(2, 3)]],
  ['split', (x: T) => [...tf.split(x, 2, 1), ...tf.split(x, [1, 3, 2], -1)], () => [draw(2, 6)]],
  ['depthToSpace', (x: T4) => tf.depthToSpace(x, 2, 'NHWC'), () => [draw(1, 2, 3, 8)]],
  [
    'spaceToBatchND',
    (x: T) =>
      tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 1],
          [1, 0],
        ],
      ),
    () => [draw(2, 3, 3, 2)],
  ],
  [
    'batchToSpaceND',
    (x: T) =>
      tf.batchToSpaceND(
        x,
        [2, 2],
        [
          [0, 1],
          [1, 0],
        ],
      ),
    () => [draw(8, 2, 2, 2)],
  ],
  ['oneHot', (x: T) => tf.oneHot(x, 4), () => [ints([0, 3, 1], 3)]],
  ['gather', (x: T, i: T1) => [tf.gather(x, i), tf.gather(x, i, 1)], () => [draw(3, 4), ints([2, 0, 1, 1], 4)]],
  ['gather in batches', (x: T, i: T) => tf.gather(x, i as T1, 1, 1), () => [draw(2, 4), ints([2, 0, 1, 1], 2, 2)]],
  ['gatherND', (x: T, i: T) => tf.gatherND(x, i), () => [draw(3, 4), ints([2, 0, 1, 1], 2, 2)]],
  ['scatterND', (i: T, x: T) => tf.scatterND(i, x, [5, 3]), () => [ints([2, 0], 2, 1), draw(2, 3)]],
  [
    'tensorScatterUpdate',
    (t: T, i: T, x: T) => tf.tensorScatterUpdate(t, i, x),
    () => [draw(5, 3), ints([2, 0], 2, 1), draw(2, 3)],
  ],
  ['unsortedSegmentSum', (x: T, i: T1) => tf.unsortedSegmentSum(x, i, 4), () => [draw(3, 2), ints([3, 0, 3], 3)]],
  ['bincount', (x: T1, w: T1) => tf.bincount(x, w, 4), () => [ints([3, 0, 3], 3), draw(3)]],
  ['denseBincount', (x: T2, w: T2) => tf.denseBincount(x, w, 4), () => [ints([3, 0, 3, 1], 2, 2), draw(2, 2)]],
  ['topk', (x: T) => Object.values(tf.topk(x, 2)), () => [draw(3, 4)]],
  ['diag', (x: T) => tf.diag(x), () => [draw(3)]],
  [
    'range, linspace, fill',
    (x: T) => [tf.add(x, tf.range(0, 6, 2)), tf.add(x, tf.linspace(1, 2, 3)), tf.add(x, tf.fill([3], 2))],
    () => [draw(3)],
  ],
  ['matMul', (a: T, b: T) => tf.matMul(a, b, true, false), () => [draw(4, 3, 2), draw(1, 3, 5)]],
  ['matMul, second transposed', (a: T, b: T) => tf.matMul(a, b, false, true), () => [draw(3, 2), draw(5, 2)]],
  [
    'fused matMul',
    (a: T, b: T, bias: T) => tf.fused.matMul({ a: a as T2, b: b as T2, bias, activation: 'relu' }),
    () => [draw(3, 2), draw(2, 5), draw(5)],
  ],
  ['einsum', (a: T, b: T) => tf.einsum('bij,jk->bik', a, b), () => [draw(2, 3, 4), draw(4, 5)]],
  [
    'conv2d',
    (x: T4, f: T4) => [
      tf.conv2d(x, f, 2, 'same'),
      tf.conv2d(x, f, 1, [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 0],
      ]),
    ],
    () => [draw(2, 7, 6, 3), draw(3, 2, 3, 4)],
  ],
  ['dilated conv2d', (x: T4) => tf.conv2d(x, tf.ones([3, 3, 2, 4]), 1, 'same', 'NHWC', 2), () => [draw(1, 7, 6, 2)]],
  [
    'fused conv2d',
    (x: T4, filter: T4, bias: T) =>
      tf.fused.conv2d({ x, filter, strides: 1, pad: 'valid', bias, activation: 'linear' }),
    () => [draw(2, 7, 6, 3), draw(3, 3, 3, 4), draw(4)],
  ],
  [
    'depthwiseConv2d',
    (x: T4, f: T4) => tf.depthwiseConv2d(x, f, 2, 'same'),
    () => [draw(2, 7, 6, 3), draw(3, 3, 3, 2)],
  ],
  [
    'separableConv2d',
    (x: T4, f: T4, p: T4) => tf.separableConv2d(x, f, p, 1, 'valid'),
    () => [draw(2, 7, 6, 3), draw(3, 3, 3, 1), draw(1, 1, 3, 5)],
  ],
  [
    'conv2dTranspose',
    (x: T4, f: T4) => tf.conv2dTranspose(x, f, [2, 8, 6, 4], 2, 'same'),
    () => [draw(2, 4, 3, 3), draw(3, 3, 4, 3)],
  ],
  [
    'maxPool, avgPool',
    (x: T4) => [tf.maxPool(x, 3, 2, 'same'), tf.avgPool(x, [2, 3], 1, 'valid')],
    () => [draw(2, 7, 6, 3)],
  ],
  [
    'resize',
    (x: T4) => [tf.image.resizeBilinear(x, [5, 9]), tf.image.resizeNearestNeighbor(x, [5, 9])],
    () => [draw(1, 4, 4, 2)],
  ],
  ['localResponseNormalization', (x: T4) => tf.localResponseNormalization(x), () => [draw(1, 4, 4, 6)]],
  [
    'batchNorm',
    (x: T4, m: T1, v: T1, o: T1, s: T1) => tf.batchNorm(x, m, v, o, s),
    () => [draw(2, 3, 4, 5), draw(5), draw(5), draw(5), draw(5)],
  ],
  ['ExpandDims', (input: T) => runKernel('ExpandDims', { input }, { dim: -1 }), () => [draw(2, 3)]],
  [
    'FusedDepthwiseConv2D',
    (x: T4, filter: T4, bias: T) =>
      tf.fused.depthwiseConv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'relu6' }),
    () => [draw(2, 7, 6, 3), draw(3, 3, 3, 1), draw(3)],
  ],
];

describe('rules', () => {
  const recorded = new Set<string>();

  it.each(CALLS)('%s: shapes, types and values of every kernel as eager', (_, op, make) => {
    const args = make();
    const graph = expectSameRun((...xs) => {
      const result = (op as (...xs: T[]) => T | T[])(...xs);
      return Array.isArray(result) ? result : [result];
    }, args);
    for (const node of graph.nodes) recorded.add(node.op);
  });

  let derived = 0;
  it.each(CALLS)('%s: gradients as eager, or no gradient', (_, op, make) => {
    const args = make();
    const floats = args.flatMap(({ dtype }, i) => (dtype === 'float32' ? [i] : []));
    const gradients = (...xs: T[]): T[] => {
      const total = (...given: T[]): T => {
        const result = (op as (...xs: T[]) => T | T[])(
          ...xs.map((x, i) => (floats.includes(i) ? given[floats.indexOf(i)]! : x)),
        );
        const outputs = Array.isArray(result) ? result : [result];
        return tf.addN(outputs.map((y) => tf.sum(tf.square(tf.cast(y, 'float32')))));
      };
      return tf.grads(total)(floats.map((i) => xs[i]!));
    };
    if (floats.length === 0) return;
    try {
      tf.tidy(() => gradients(...args));
    } catch (error) {
      const { message } = error as Error;
      const trace = () =>
        traceFunction(
          gradients,
          args.map(({ shape, dtype }) => ({ shape, dtype })),
        );
      expect(trace).toThrow(message);
      return;
    }
    for (const node of expectSameRun(gradients, args).nodes) recorded.add(node.op);
    derived++;
  });

  it('have gradients where TF.js has them', () => {
    expect(derived).toBeGreaterThan(75);
  });

  it('are all tried above, but for those that the trace itself does not need', () => {
    // Aliases, constants and kernels that only @kd/ops and the passes call.
    const others = new Set([
      ...Object.keys(TRAINING),
      'Identity',
      'ZerosLike',
      'OnesLike',
      'BroadcastTo',
      'LogSoftmax',
    ]);
    expect(Object.keys(RULES).filter((name) => !recorded.has(name) && !others.has(name))).toEqual([]);
  });
});
