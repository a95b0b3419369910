import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../../testing/backends.ts';
import { draws, expectGradients, expectTensor } from '../../testing/gradients.ts';
import { crdConnector } from './crd-connector.ts';

describe.each(backends)('crdConnector on %s', (backend) => {
  useBackend(backend);

  it('projects to rows of length 1, and is trained', () => {
    const embed = crdConnector({ name: 'crd', inputFeatures: 4 });
    expect(embed.variables.map(({ name, variable }) => [name, variable.shape])).toEqual([
      ['crd/kernel', [4, 128]],
      ['crd/bias', [128]],
    ]);
    tf.tidy(() => {
      const [x, weights] = [draws(1, [3, 4]) as tf.Tensor2D, draws(2, [3, 128])];
      expectTensor(tf.norm(embed.apply(x), 2, 1), tf.ones([3]));
      expectGradients(
        () => tf.sum<tf.Scalar>(tf.mul(embed.apply(x), weights)),
        embed.variables.map(({ variable }) => variable),
      );
    });
    embed.dispose();
  });

  it('says what is wrong', () => {
    expect(() => crdConnector({ name: 'crd' } as never)).toThrow('inputFeatures must be a whole number > 0, got none');
    const embed = crdConnector({ name: 'crd', inputFeatures: 4 });
    tf.tidy(() => {
      expect(() => embed.apply(draws(1, [3, 5]))).toThrow("crdConnector 'crd': features must be float32 [batch, 4]");
    });
    embed.dispose();
  });
});
