import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import { batchNormTraining, updateRunningStatistics } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { lowerGraph } from '../../lower/lower-graph.ts';
import { batchNormReference } from '../../testing/batch-norm-reference.ts';
import { noise } from '../../testing/convolution-cases.ts';
import { machineTargets } from '../../testing/machine-targets.ts';
import { replayGraph } from '../../testing/replay-graph.ts';
import { runOnnx } from '../../testing/run-onnx.ts';
import { traceFunction } from '../../trace/trace-function.ts';
import { optimizeGraph } from '../optimize-graph.ts';

const targets = await machineTargets();
const EPSILON = 1e-5;
const CHANNELS = 16;
const IMAGES = [4, 12, 10, CHANNELS] as const;

beforeAll(() => tf.setBackend('cpu'));

/** A convolution by ones on the diagonal, whose output is its input, and batch-norm with a running mean that may be read. */
function network(runningMean: tf.Variable, others: { readsOutput?: boolean } = {}) {
  const filter = tf.variable(tf.reshape(tf.eye(CHANNELS), [1, 1, CHANNELS, CHANNELS]), true);
  const gamma = tf.variable(tf.ones([CHANNELS]));
  const beta = tf.variable(tf.zeros([CHANNELS]));
  const run = (x: tf.Tensor, weights: tf.Tensor) => {
    let normalised: tf.Tensor | undefined;
    const { value, grads } = tf.variableGrads(() => {
      const y = tf.conv2d(x as tf.Tensor4D, filter as unknown as tf.Tensor4D, 1, 'valid');
      const { output, mean, variance } = batchNormTraining(
        y as tf.Tensor,
        gamma as tf.Tensor1D,
        beta as tf.Tensor1D,
        EPSILON,
      );
      const running = { mean: runningMean as tf.Tensor1D, variance };
      runningMean.assign(updateRunningStatistics(running, { mean, variance }, 480, {}).mean);
      normalised = tf.keep(output);
      const sum = tf.sum(tf.mul(output, weights)) as tf.Scalar;
      return others.readsOutput ? tf.add(sum, tf.sum(y)) : sum;
    }, [filter, gamma, beta]);
    return { value, normalised: normalised!, gamma: grads[gamma.name]!, filter: grads[filter.name]! };
  };
  const args = ['x', 'weights'].map((name) => ({ shape: IMAGES, dtype: 'float32' as const, name }));
  return optimizeGraph(traceFunction((x, weights) => run(x!, weights!), args));
}

describe('centreBatchNorm', () => {
  it('has the convolution take the running mean off, which changes nothing else', () => {
    const graph = network(tf.variable(tf.randomNormal([CHANNELS], 3, 1, 'float32', 7), false));
    expect(graph.nodes.find(({ op }) => op === 'FusedConv2D')?.ins.bias).toBeDefined();
    const plain = { ...graph, nodes: graph.nodes };
    const given = { x: tf.add(noise([...IMAGES], 1), 3) as tf.Tensor, weights: noise([...IMAGES], 2) };
    const found = replayGraph(plain, given);
    const { y, mean } = batchNormReference(given.x, tf.ones([CHANNELS]), tf.zeros([CHANNELS]), EPSILON);
    expect(tf.max(tf.abs(tf.sub(found.normalised!, y))).dataSync()[0]).toBeLessThan(1e-5);
    const moved = Object.entries(found).find(([name]) => name.startsWith('assigned/'))![1];
    const running = graph.inputs.find(
      ({ variable }) => variable && moved.shape.join() === variable.shape.join() && !variable.trainable,
    )!.variable!;
    const expected = tf.add(tf.mul(running, 0.9), tf.mul(mean, 0.1));
    expect(tf.max(tf.abs(tf.sub(moved, expected))).dataSync()[0]).toBeLessThan(1e-5);
  });

  it.each([0, 10, 100, 1000])('keeps the digits of y where means are %d deviations and known', async (shift) => {
    const graph = network(tf.variable(tf.add(tf.fill([CHANNELS], shift), 0.3), false));
    const given = { x: tf.add(noise([...IMAGES], 1), shift) as tf.Tensor, weights: noise([...IMAGES], 2) };
    const { y } = batchNormReference(given.x, tf.ones([CHANNELS]), tf.zeros([CHANNELS]), EPSILON);
    for (const target of targets) {
      const lowered = lowerGraph(graph, target);
      const values = graph.inputs.map(({ name, variable }) => (variable ?? given[name as 'x']!).dataSync());
      const got = (await runOnnx(lowered, values))[lowered.outputs.findIndex(({ name }) => name === 'normalised')]!;
      const error = tf.max(tf.abs(tf.sub(got, y))).dataSync()[0]!;
      // Subtracting in float32, at 1000, costs 6e-5 of a deviation itself.
      expect(error, `block ${target.block}`).toBeLessThan(1e-5 + 1.5e-7 * shift);
    }
  });

  it('stays away where something else reads the convolution', () => {
    const graph = network(tf.variable(tf.zeros([CHANNELS]), false), { readsOutput: true });
    expect(graph.nodes.some(({ op }) => op === 'FusedConv2D')).toBe(false);
  });
});
