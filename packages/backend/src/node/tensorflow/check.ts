#!/usr/bin/env node
// Run by `installTensorflow` in a process of its own: does the build in the folder that is named compute right?
import * as tf from '@tensorflow/tfjs-core';
import { loadTensorflow } from './load.ts';

const version = loadTensorflow(process.argv[2]!, tf);
await tf.setBackend('tensorflow');

const close = (actual: tf.Tensor, expected: number[]): boolean =>
  actual.dataSync().every((value, i) => Math.abs(value - expected[i]!) < 1e-5);

const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
const product = tf.matMul(x, x, false, true);
// The gradient of a 1x1 convolution's filter is x' dy.
const gradient = tf
  .engine()
  .runKernel(
    tf.Conv2DBackpropFilter,
    { x: tf.reshape(x, [1, 1, 2, 3]), dy: tf.tensor4d([1, -1, 0.5, 2], [1, 1, 2, 2]) },
    { strides: 1, pad: 'valid', dataFormat: 'NHWC', dimRoundingMode: null, filterShape: [1, 1, 3, 2] } as never,
  ) as tf.Tensor;
if (!close(product, [14, 32, 32, 77]) || !close(gradient, [3, 7, 4.5, 8, 6, 9])) {
  throw new Error(`TensorFlow ${version} computes ${product.dataSync()} and ${gradient.dataSync()}`);
}
console.log(version);
