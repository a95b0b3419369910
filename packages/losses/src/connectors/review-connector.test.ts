import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { hclLoss } from '../features/maps/hcl-loss.ts';
import { backends, useBackend } from '../testing/backends.ts';
import { draws, drawVariables, expectLikeTorch } from '../testing/gradients.ts';
import { reviewConnector } from './review-connector.ts';

const levels = [
  { inputChannels: 2, outputChannels: 4, outputSize: [5, 5] },
  { inputChannels: 3, outputChannels: 6 },
  { inputChannels: 5, outputChannels: 7 },
] as const;
const create = (options = {}) => reviewConnector({ name: 'review', levels, ...options });
const maps = (seed: number, ...shape: [number, number, number, number]) => draws<tf.Rank.R4>(seed, shape);
const student = () => [maps(101, 2, 6, 6, 2), maps(102, 2, 3, 3, 3), maps(103, 2, 1, 1, 5)];
const teacher = () => [maps(111, 2, 5, 5, 4), maps(112, 2, 3, 3, 6), maps(113, 2, 1, 1, 7)];

describe.each(backends)('reviewConnector on %s', (backend) => {
  useBackend(backend);

  it("is mdistiller's fusion with hclLoss in PyTorch, in value and all gradients", () => {
    const connector = create();
    drawVariables(connector);
    const x = tf.variable(student()[0]!);
    const loss = () => hclLoss(connector.apply([x, ...student().slice(1)]), teacher());
    const variables = [...connector.variables.map(({ variable }) => variable), x];
    expectLikeTorch(
      loss,
      variables,
      [
        2.9448329, 0.018076956, 0.035936527, 0.018709525, 0.017929717, 0.0032822037, 0.076434286, 0.40059658, 0.6713443,
        0.052721832, 0.042347225, 0.038274463, 0.065940512, 0.01683336, 0.12697709, 0.46538446, 0.557151, 0.022987411,
        0.10305831, 0.033563571, 0.0022516611, 0.66885094, 0.43442349, 0.027627676,
      ],
      1e-3,
    );
  });

  it('gives maps of the size and the channels asked for', () => {
    const shapes = create({ middleChannels: 3 })
      .apply(student())
      .map(({ shape }) => shape);
    expect(shapes).toEqual(teacher().map(({ shape }) => shape));
  });

  it('starts its kernels as kaiming_uniform with a = 1, those of attention as PyTorch', () => {
    for (const { name, variable } of create({ middleChannels: 30 }).variables) {
      if (!name.endsWith('kernel')) continue;
      const bound = Math.sqrt((name.includes('attention') ? 1 : 3) / variable.shape[0]!);
      const largest = Math.max(...variable.dataSync().map(Math.abs));
      expect(largest / bound).toBeLessThanOrEqual(1);
      expect(largest / bound).toBeGreaterThan(0.9);
    }
  });

  it('takes one level', () => {
    const [output] = create({ levels: levels.slice(0, 1) }).apply(student().slice(0, 1));
    expect(output!.shape).toEqual([2, 5, 5, 4]);
  });

  it.each<[string, () => unknown, string]>([
    ['fewer maps', () => create().apply(student().slice(1)), "reviewConnector 'review': there are 3 levels but 2 maps"],
    [
      'maps in another order',
      () => create().apply(student().reverse()),
      "reviewConnector 'review': features must be float32 [batch, height, width, 5], got float32 [2, 6, 6, 2]",
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
