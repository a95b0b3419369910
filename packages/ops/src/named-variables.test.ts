import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { namedVariables } from './named-variables.ts';
import { onEachBackend } from './testing/backends.ts';

const make = () =>
  layers.sequential({
    layers: [
      layers.layers.dense({ units: 2, inputShape: [3], name: 'fc', kernelConstraint: 'maxNorm' }),
      layers.layers.batchNormalization({ name: 'bn' }),
    ],
  });

onEachBackend('namedVariables', () => {
  it('names variables alike in two models of one process', () => {
    const names = (model: layers.LayersModel) => namedVariables(model).map(({ name, trainable }) => [name, trainable]);
    expect(names(make())).toEqual([
      ['fc/kernel', true],
      ['fc/bias', true],
      ['bn/gamma', true],
      ['bn/beta', true],
      ['bn/moving_mean', false],
      ['bn/moving_variance', false],
    ]);
    expect(names(make())).toEqual(names(make()));
  });

  it('gives the variable itself and its constraint', () => {
    const [kernel, bias] = namedVariables(make());
    expect(kernel!.variable).toBeInstanceOf(tf.Variable);
    expect(bias!.constraint).toBeUndefined();
    const norm = tf.norm(kernel!.constraint!(tf.fill([3, 2], 5)), 2, 0).dataSync();
    for (const each of norm) expect(each).toBeCloseTo(2, 4);
  });

  it('refuses two weights of one name, as nested models may have', () => {
    const nested = () =>
      layers.sequential({ layers: [layers.layers.dense({ units: 3, inputShape: [3], name: 'fc' })] });
    const model = layers.sequential({ layers: [nested(), nested()] });
    expect(() => namedVariables(model)).toThrow("namedVariables: two weights are called 'fc/kernel'");
  });
});
