import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { vidLoss } from '../features/maps/vid-loss.ts';
import { backends, useBackend } from '../testing/backends.ts';
import { draws, drawVariables, expectLikeTorch } from '../testing/gradients.ts';
import { vidConnector } from './vid-connector.ts';

const create = () => vidConnector({ name: 'vid', inputChannels: 3, outputChannels: 4 });
const maps = () => draws<tf.Rank.R4>(101, [2, 3, 3, 3]);
const teacher = () => draws<tf.Rank.R4>(111, [2, 3, 3, 4]);

describe.each(backends)('vidConnector on %s', (backend) => {
  useBackend(backend);

  it('is three convolutions in PyTorch with vidLoss, in value and all gradients', () => {
    const connector = create();
    drawVariables(connector);
    const x = tf.variable(maps());
    const loss = () => vidLoss(connector.apply(x), teacher(), undefined, { rawScale: connector.rawScale });
    const variables = [...connector.variables.map(({ variable }) => variable), x];
    expectLikeTorch(loss, variables, [0.053630795, 0.13717237, 0.16458806, 0.16602311, 0.086457706, 0.12483642]);
  });

  it('starts at variances of 5, in one of its variables', () => {
    const { rawScale, variables } = create();
    expect(variables.find(({ name }) => name === 'vid/rawScale')?.variable).toBe(rawScale);
    for (const variance of tf.add(tf.softplus(rawScale), 1e-5).dataSync()) expect(variance).toBeCloseTo(5, 5);
  });

  it('refuses maps of other channels', () => {
    expect(() => create().apply(tf.zeros([2, 3, 3, 1]))).toThrow(
      "vidConnector 'vid': features must be float32 [batch, height, width, 3], got float32 [2, 3, 3, 1]",
    );
  });
});
