import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import * as ops from './index.ts';

it('brings no backend', () => {
  expect(Object.keys(ops)).not.toEqual([]);
  expect(tf.engine().registryFactory).toEqual({});
});
