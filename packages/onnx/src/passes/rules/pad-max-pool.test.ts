import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { noise } from '../../testing/convolution-cases.ts';
import { expectSameRun } from '../../testing/expect-same-run.ts';
import { optimizeGraph } from '../optimize-graph.ts';

beforeAll(() => tf.setBackend('cpu'));

const pads: [number, number][] = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
];

/** relu, zeros around it, pool; value and gradient with regard to what is in front of the ReLU. */
const pooled =
  (rectify: (x: tf.Tensor) => tf.Tensor, value = 0) =>
  (x: tf.Tensor) => {
    const { value: loss, grad } = tf.valueAndGrad((at: tf.Tensor) =>
      tf.sum(tf.square(tf.maxPool(tf.pad(rectify(at), pads, value) as tf.Tensor4D, 3, 2, 'valid'))),
    )(x);
    return [loss, grad];
  };

const countOf = (fn: (x: tf.Tensor) => tf.Tensor[], op: string): number => {
  const graph = optimizeGraph(expectSameRun((x) => fn(x!), [noise([2, 8, 8, 3], 1)]));
  return graph.nodes.filter((node) => node.op === op).length;
};

describe('padMaxPool', () => {
  it('takes zeros around a ReLU into the pool, forward and backward', () => {
    expect(countOf(pooled(tf.relu), 'PadV2')).toBe(0);
    expect(countOf(pooled(tf.relu), 'Slice')).toBe(0);
  });

  it('leaves zeros around values of any sign, and other numbers, as they are', () => {
    expect(countOf(pooled(tf.neg), 'PadV2')).toBe(1);
    expect(countOf(pooled(tf.relu, 1), 'PadV2')).toBe(1);
  });
});
