import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { fileShape, type Layout, toFile, toOurs } from './layouts.ts';

it.each<[Layout, number[], number[]]>([
  ['same', [5], []],
  ['linear', [4, 3], [1, 0]],
  ['conv', [3, 2, 5, 4], [3, 2, 0, 1]],
  ['depthwise', [3, 2, 5, 1], [2, 3, 0, 1]],
])('layout %s there and back', (layout, shape, toTheirs) => {
  const ours = tf.randomUniform(shape, 0, 1, 'float32', 5);
  const theirs = toTheirs.length > 0 ? tf.transpose(ours, toTheirs) : ours;
  expect(fileShape(layout, shape)).toEqual(theirs.shape);
  const values = ours.dataSync() as Float32Array;
  expect(toFile(layout, values, shape)).toEqual(theirs.dataSync());
  expect(toOurs(layout, theirs.dataSync() as Float32Array, theirs.shape)).toEqual(values);
});
