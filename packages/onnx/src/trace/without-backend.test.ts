import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { traceFunction } from './trace-function.ts';

it('needs no backend of TF.js, and leaves none behind', () => {
  expect(tf.engine().backendNames()).toEqual([]);
  const graph = traceFunction(
    (x) => tf.mul(tf.square(x), tf.div(tf.ones([8, 2]), 4)),
    [{ shape: [8, 2], dtype: 'float32' }],
  );
  expect(graph.nodes.map(({ op }) => op)).toEqual(['Square', 'Fill', 'Multiply']);
  expect(graph.nodes[1]!.attrs).toEqual({ shape: [8, 2], value: 0.25, dtype: 'float32' });
  expect(tf.engine().backendNames()).toEqual([]);
  expect(tf.getBackend()).toBeNull();
});
