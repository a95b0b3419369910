import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import * as backend from './index.ts';

it('brings no backend', () => {
  expect(Object.keys(backend).sort()).toEqual(['checkKernels', 'completeTensorflow', 'completeWasm', 'completeWebgl']);
  expect(tf.engine().registryFactory).toEqual({});
});
