import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { hintLoss } from '../features/maps/hint-loss.ts';
import { backends, useBackend } from '../testing/backends.ts';
import { draws, drawVariables, expectGradients, expectLikeTorch } from '../testing/gradients.ts';
import { convConnector } from './conv-connector.ts';

const create = (options = {}) => convConnector({ name: 'hint', inputChannels: 3, outputChannels: 4, ...options });
const maps = () => draws<tf.Rank.R4>(101, [2, 3, 3, 3]);
const teacher = () => draws<tf.Rank.R4>(111, [2, 3, 3, 4]);

describe.each(backends)('convConnector on %s', (backend) => {
  useBackend(backend);

  it("is PyTorch's convolution, batch norm and ReLU, in value and gradients", () => {
    const connector = create();
    drawVariables(connector);
    const x = tf.variable(maps());
    const [kernel, , gamma, beta] = connector.variables.map(({ variable }) => variable);
    expectLikeTorch(
      () => hintLoss(connector.apply(x), teacher()),
      [kernel!, gamma!, beta!, x],
      [0.44606078, 0.092492356, 0.25762479, 0.15863436, 0.090557801],
    );
  });

  it('can be a projection alone', () => {
    const connector = create({ batchNorm: false, activation: 'none' });
    expect(connector.variables.map(({ name }) => name)).toEqual(['hint/kernel', 'hint/bias']);
    const [kernel, bias] = connector.variables.map(({ variable }) => variable);
    const expected = tf.add(tf.conv2d(maps(), tf.reshape(kernel!, [1, 1, 3, 4]) as tf.Tensor4D, 1, 'same'), bias!);
    const difference = tf.max(tf.abs(tf.sub(connector.apply(maps()), expected)));
    expect(difference.dataSync()[0]).toBeLessThan(1e-6);
    const both = connector.variables.map(({ variable }) => variable);
    expectGradients(() => hintLoss(connector.apply(maps()), teacher()), both);
  });

  it('stays finite where all maps are alike', () => {
    const connector = create();
    const f = (x: tf.Tensor) => hintLoss(connector.apply(x as tf.Tensor4D), teacher());
    const { value, grad } = tf.valueAndGrad(f)(tf.ones([2, 3, 3, 3]));
    expect(Number.isFinite(value.dataSync()[0])).toBe(true);
    expect(grad.dataSync().every(Number.isFinite)).toBe(true);
  });

  it.each<[string, () => unknown, string]>([
    [
      'maps of other channels',
      () => create().apply(tf.zeros([2, 3, 3, 1])),
      "convConnector 'hint': features must be float32 [batch, height, width, 3], got float32 [2, 3, 3, 1]",
    ],
    [
      'one value a channel',
      () => create().apply(tf.zeros([1, 1, 1, 3])),
      "convConnector 'hint': batch norm needs two values a channel or more, got [1,1,1,4]",
    ],
    ['another activation', () => create({ activation: 'gelu' }), 'activation must be relu or none, got gelu'],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
