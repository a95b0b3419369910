import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { optimizeGraph } from '../../passes/optimize-graph.ts';
import { runOnnx } from '../../testing/run-onnx.ts';
import { traceFunction } from '../../trace/trace-function.ts';
import { lowerGraph } from '../lower-graph.ts';

beforeAll(() => tf.setBackend('cpu'));

async function lowered(fn: (x: tf.Tensor) => tf.Tensor, values: readonly number[]): Promise<number[]> {
  const graph = optimizeGraph(traceFunction((x) => [fn(x!)], [{ shape: [1, values.length], dtype: 'float32' }]));
  const [y] = await runOnnx(lowerGraph(graph, { block: 1 }), [values]);
  return Array.from(await y!.data());
}

it('probabilities by softmax end at 1e-30; below are zeros and not the slow numbers of 1e-38 and less', async () => {
  const probabilities = (x: tf.Tensor): tf.Tensor => tf.exp(tf.logSoftmax(x));
  const [one, small, ...nothing] = await lowered(probabilities, [0, -69, -69.2, -88, -95, Number.NEGATIVE_INFINITY]);
  expect(one).toBe(1);
  expect(small! / Math.exp(-69)).toBeCloseTo(1, 4);
  expect(nothing).toEqual([0, 0, 0, 0]);
});

it('keeps the NaN of a softmax', async () => {
  expect(await lowered((x) => tf.exp(tf.logSoftmax(x)), [0, Number.NaN])).toEqual([Number.NaN, Number.NaN]);
});

it('leaves any other exponential as small as it is', async () => {
  const [y] = await lowered(tf.exp, [-80]);
  expect(y! / Math.exp(-80)).toBeCloseTo(1, 4);
});
