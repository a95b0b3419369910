import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { onEachBackend } from '../testing/backends.ts';
import { conv2d } from './conv2d.ts';
import { depthwiseConv2d } from './depthwise-conv2d.ts';
import { globalAveragePool } from './global-average-pool.ts';
import { maxPool } from './max-pool.ts';
import { type Padding, resolveWindows } from './windows.ts';

beforeAll(() => tf.setBackend('cpu'));

const images = (height: number, width: number) => tf.zeros<tf.Rank.R4>([1, height, width, 2]);

describe('resolveWindows', () => {
  const resolve = (size: number, field: number, strides: number, padding: Padding) =>
    resolveWindows('test', images(size, size), field, { strides, padding });

  it("leaves to TF.js' kernels what they pad themselves", () => {
    expect(resolve(8, 3, 1, 1)).toMatchObject({ kernelPadding: 'same', outputSize: [8, 8] });
    expect(resolve(9, 3, 2, 1)).toMatchObject({ kernelPadding: 'same', outputSize: [5, 5] });
    expect(
      resolve(8, 3, 2, [
        [0, 1],
        [0, 1],
      ]),
    ).toMatchObject({ kernelPadding: 'same', outputSize: [4, 4] });
  });

  it("knows TensorFlow's 'same' from PyTorch's padding of an even image", () => {
    expect(resolve(8, 3, 2, 'same')).toMatchObject({ before: [0, 0], after: [1, 1], outputSize: [4, 4] });
    expect(resolve(8, 3, 2, 1)).toMatchObject({
      before: [1, 1],
      after: [0, 0],
      outputSize: [4, 4],
      kernelPadding: 'valid',
    });
  });
});

onEachBackend('maxPool', () => {
  it('gives the gradient of equal values to the first, as PyTorch and TensorFlow do', () => {
    const x = tf.tensor4d([0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 3, 3, 1]);
    const gradient = tf.grad((each) => maxPool(each as tf.Tensor4D, { size: 2, strides: 1 }))(x);
    expect(Array.from(gradient.dataSync())).toEqual([1, 1, 0, 1, 1, 0, 0, 0, 0]);
  });

  it('never takes a value from outside of the image', () => {
    const y = maxPool(tf.fill([1, 4, 4, 1], -1e30), { size: 3, strides: 2, padding: 1 });
    expect(y.shape).toEqual([1, 2, 2, 1]);
    for (const value of y.dataSync()) expect(value).toBe(Math.fround(-1e30));
  });
});

describe('errors', () => {
  const x = () => images(4, 5);
  const filter = () => tf.zeros<tf.Rank.R4>([3, 3, 2, 2]);
  const zeros = (...shape: number[]) => tf.zeros<tf.Rank.R4>(shape as never);
  it.each<[() => unknown, string]>([
    [
      () => conv2d(x(), zeros(3, 3, 1, 2)),
      'conv2d: filter must be [height, width, 2, outputs] for x [1,4,5,2], got [3,3,1,2]',
    ],
    [() => conv2d(zeros(4, 5, 2), filter()), 'conv2d: x must be [batch, height, width, channels], got [4,5,2]'],
    [() => conv2d(x(), filter(), { strides: 0 }), 'conv2d: strides must be whole numbers >= 1, got [0,0]'],
    [
      () => depthwiseConv2d(x(), filter(), { strides: 2, dilations: 2 }),
      'depthwiseConv2d: strides [2,2] and dilations [2,2] cannot both be above 1',
    ],
    [
      () => conv2d(x(), filter(), { padding: -1 }),
      "conv2d: padding must be 'same', 'valid', a whole number >= 0 or [[top, bottom], [left, right]], got -1",
    ],
    [
      () => conv2d(x(), filter(), { padding: 'SAME' as never }),
      "conv2d: padding must be 'same', 'valid', a whole number >= 0 or [[top, bottom], [left, right]], got \"SAME\"",
    ],
    [
      () => conv2d(x(), filter(), { dilations: 2 }),
      'conv2d: a window of [5,5] does not fit x [1,4,5,2] with padding "valid"',
    ],
    [() => maxPool(x(), { size: 2, padding: 2 }), 'maxPool: padding 2 must be less than the window [2,2]'],
    [() => globalAveragePool(zeros(4, 5)), 'globalAveragePool: x must be [batch, height, width, channels]'],
  ])('%#: %s', (make, message) => {
    expect(make).toThrow(message);
  });
});
