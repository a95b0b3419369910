import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { softTargetCrossEntropy } from './soft-target-cross-entropy.ts';
import { expectFiniteDifferences, expectSameGradients, onEachBackend } from './testing/gradients.ts';

const makeLogits = () => tf.randomNormal([4, 5], 0, 2, 'float32', 1);
const makeTargets = () => tf.randomUniform([4, 5], 0, 1, 'float32', 2); // rows do not sum to 1
const op = (z: tf.Tensor, t: tf.Tensor): tf.Tensor => softTargetCrossEntropy(z as tf.Tensor2D, t as tf.Tensor2D);

onEachBackend('softTargetCrossEntropy', () => {
  it("has the value and both gradients of TF.js' autodiff of the formula", () => {
    const formula = (z: tf.Tensor, t: tf.Tensor) => tf.neg(tf.sum(tf.mul(t, tf.sub(z, tf.logSumExp(z, 1, true))), 1));
    expectSameGradients(op, formula, [makeLogits(), makeTargets()]);
  });

  it('has the gradients of finite differences', () => {
    expectFiniteDifferences(op, [makeLogits(), makeTargets()]);
  });

  it('is finite for huge logits', () => {
    const huge = tf.tensor2d([[1e4, -1e4, 0]]);
    expect(softTargetCrossEntropy(huge, tf.tensor2d([[0.5, 0.5, 0]])).dataSync()[0]).toBe(1e4);
  });

  it('names shapes that differ', () => {
    expect(() => op(makeLogits(), tf.ones([4, 1]))).toThrow(
      'logits [4,5] and targets [4,1] must both be [batch, classes]',
    );
  });
});
