import '@tensorflow/tfjs-backend-cpu';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { mlp } from './mlp/mlp.ts';
import { getModelConfig } from './model-config.ts';
import { withTaps } from './taps.ts';

const model = mlp({ hiddenSizes: [6, 5], classNames: ['a', 'b'], batchNorm: true, initializer: 'torch' });
const x = tf.randomUniform([3, 28, 28, 1], 0, 1, 'float32', 5);

describe('withTaps', () => {
  it('gives the logits and what the layers give, of the same variables', () => {
    const tapped = withTaps(model, ['relu1', 'bn2']);
    const [logits, relu1, bn2] = tapped.apply(x) as tf.Tensor[];
    expect(logits!.dataSync()).toEqual((model.apply(x) as tf.Tensor).dataSync());
    expect(relu1!.shape).toEqual([3, 6]);
    expect(bn2!.shape).toEqual([3, 5]);
    expect(namedVariables(tapped)).toEqual(namedVariables(model));
    expect(getModelConfig(tapped)).toEqual(getModelConfig(model));
  });

  it('refuses what is not there, or there twice', () => {
    expect(() => withTaps(model, ['layer4'])).toThrow(
      "withTaps: 'mlp' has no layer 'layer4', only image, flatten, fc1,",
    );
    expect(() => withTaps(model, ['relu1', 'relu1'])).toThrow("'relu1' is an output of the model already");
    expect(() => withTaps(model, ['logits'])).toThrow("'logits' is an output of the model already");
  });
});
