import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { mgdLoss } from '../features/maps/mgd-loss.ts';
import { backends, useBackend } from '../testing/backends.ts';
import { drawValues } from '../testing/draw.ts';
import { draws, drawVariables, expectLikeTorch } from '../testing/gradients.ts';
import { mgdConnector } from './mgd-connector.ts';

const create = (options = {}) => mgdConnector({ name: 'mgd', inputChannels: 3, outputChannels: 4, ...options });
const maps = () => draws<tf.Rank.R4>(101, [2, 3, 3, 3]);
const uniform = () => tf.tensor4d(drawValues(121, [2, 1, 1, 4], 0, 1), [2, 1, 1, 4]);

describe.each(backends)('mgdConnector on %s', (backend) => {
  useBackend(backend);

  it("is PyTorch's convolutions around a mask, with mgdLoss, in value and all gradients", () => {
    const connector = create({ maskRatio: 0.5 });
    drawVariables(connector);
    const x = tf.variable(maps());
    const loss = () => mgdLoss(connector.apply(x, uniform()), draws(111, [2, 3, 3, 4]));
    const variables = [...connector.variables.map(({ variable }) => variable), x];
    expectLikeTorch(
      loss,
      variables,
      [0.010181216, 0.011070436, 0.010383825, 0.014622831, 0.010603201, 0.006635727, 0.0031081662, 0.0070428866],
    );
  });

  it('aligns only where the channels differ', () => {
    const connector = create({ inputChannels: 4 });
    expect(connector.variables.map(({ name }) => name)).toEqual([
      'mgd/1/kernel',
      'mgd/1/bias',
      'mgd/2/kernel',
      'mgd/2/bias',
    ]);
  });

  it('sees nothing of the maps at a ratio of 1, and all of them at 0', () => {
    const reach = (maskRatio: number) => {
      const connector = create({ maskRatio });
      const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.square(connector.apply(x as tf.Tensor4D, uniform()))))(
        maps(),
      );
      return tf.max(tf.abs(gradient)).dataSync()[0];
    };
    expect(reach(1)).toBe(0);
    expect(reach(0)).toBeGreaterThan(0);
  });

  it('refuses draws for a whole batch, which TF.js would broadcast', () => {
    expect(() => create().apply(maps(), tf.zeros([1, 1, 1, 4]))).toThrow(
      "mgdConnector 'mgd': draws must be float32 [2, 1, 1, 4], got float32 [1, 1, 1, 4]",
    );
  });
});
