import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { batchNormInference, batchNormTraining } from './batch-norm.ts';
import { expectFiniteDifferences, expectSameGradients, onEachBackend } from './testing/gradients.ts';

const random = (shape: number[], seed: number, mean = 0) => tf.randomNormal(shape, mean, 1, 'float32', seed);

/** The formula, left to TF.js' autodiff. */
function reference(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(
    x,
    Array.from({ length: x.rank - 1 }, (_, i) => i),
  );
  return tf.add(tf.mul(gamma, tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3)))), beta);
}

const training = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
  batchNormTraining(x, gamma as tf.Tensor1D, beta as tf.Tensor1D).output;

onEachBackend('batchNormTraining', () => {
  it.each([[[16, 5]], [[4, 3, 2, 5]]])("has the value and gradients of TF.js' autodiff for %j", (shape) => {
    expectSameGradients(training, reference, [random(shape, 1, 2), random([5], 2, 1), random([5], 3)]);
  });

  it('has the gradients of finite differences', () => {
    expectFiniteDifferences(training, [random([6, 3], 1), random([3], 2, 1), random([3], 3)]);
  });

  it('keeps its digits for a large mean', () => {
    const x = tf.add(random([64, 3], 1), 1000);
    const { variance, output } = batchNormTraining(x, tf.ones([3]), tf.zeros([3]), 1e-5);
    const exact = tf.moments(tf.sub(x, 1000), 0).variance.dataSync();
    variance.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(exact[i]!, 3);
    });
    expect(Math.abs(tf.mean(output).dataSync()[0]!)).toBeLessThan(1e-3);
  });

  it('leaves three tensors behind', () => {
    const inputs = [random([4, 3], 1), random([3], 2), random([3], 3)] as const;
    const before = tf.memory().numTensors;
    const result = batchNormTraining(inputs[0], inputs[1] as tf.Tensor1D, inputs[2] as tf.Tensor1D);
    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose([result.output, result.mean, result.variance]);
  });

  it('names what does not fit', () => {
    expect(() => batchNormTraining(tf.zeros([4, 3]), tf.ones([2]), tf.zeros([3]))).toThrow(
      'batchNormTraining: gamma must have shape [3], the last dimension of x [4,3], got [2]',
    );
    expect(() => batchNormTraining(tf.zeros([1, 3]), tf.ones([3]), tf.zeros([3]))).toThrow(
      'x [1,3] has 1 value a channel, which has no variance',
    );
  });
});

onEachBackend('batchNormInference', () => {
  it("equals TF.js' batchNorm", () => {
    const x = random([4, 3], 1) as tf.Tensor2D;
    const [gamma, beta, mean] = [random([3], 2), random([3], 3), random([3], 4)] as tf.Tensor1D[];
    const variance = tf.square(random([3], 5)) as tf.Tensor1D;
    const expected = tf.batchNorm(x, mean!, variance, beta!, gamma!, 1e-3).dataSync();
    batchNormInference(x, gamma!, beta!, mean!, variance)
      .dataSync()
      .forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 5);
      });
  });
});
