import '@tensorflow/tfjs-backend-cpu';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { countParameters } from '../count-parameters.ts';
import { roundedChannels } from './channels.ts';
import type { MobileNetV2Options } from './config.ts';
import { mobileNetV2 } from './mobilenet-v2.ts';

const classes = (count: number) => Array.from({ length: count }, (_, i) => `class ${i}`);
const make = (options: Partial<MobileNetV2Options> = {}) =>
  mobileNetV2({ classNames: ['a', 'b', 'c'], depthMultiplier: 0.1, ...options });

describe('mobileNetV2', () => {
  it.each([
    [1, 1000, 3_504_872],
    [1, 1001, 3_506_153],
    [1.4, 1001, 6_110_569], // google/mobilenet_v2_1.4_224
    [0.75, 1001, 2_637_705], // google/mobilenet_v2_0.75_160
    [0.35, 1001, 1_678_409], // google/mobilenet_v2_0.35_96
  ])('multiplier %d with %d classes has %d parameters', (depthMultiplier, count, expected) => {
    const model = mobileNetV2({ classNames: classes(count), depthMultiplier });
    expect(countParameters(model)).toBe(expected);
    model.dispose();
  });

  it('starts as Hugging Face has it, from its seed', () => {
    const draw = (seed: number) => namedVariables(make({ seed }));
    const [one, same, other] = [draw(1), draw(1), draw(2)];
    for (const [i, { name, variable }] of one.entries()) {
      const values = Array.from(variable.dataSync());
      expect(variable.dataSync()).toEqual(same[i]!.variable.dataSync());
      if (!name.endsWith('kernel')) {
        const isOne = name.endsWith('gamma') || name.endsWith('moving_variance');
        expect(
          values.every((value) => value === (isOne ? 1 : 0)),
          name,
        ).toBe(true);
        continue;
      }
      expect(variable.dataSync()).not.toEqual(other[i]!.variable.dataSync());
      const std = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
      if (values.length > 1000) expect(std / 0.02, name).toBeCloseTo(1, 1);
    }
  });

  it('evaluates with the statistics of the last batch, or of many', () => {
    const x = tf.randomUniform([4, 40, 40, 3], 0, 1, 'float32', 5);
    const mean = (batchNormMomentum: number) => {
      const model = make({ batchNormMomentum });
      model.apply(x, { training: true });
      const name = 'conv_stem.first_conv.normalization/moving_variance';
      return namedVariables(model)
        .find((each) => each.name === name)!
        .variable.dataSync()[0]!;
    };
    expect(mean(0.003)).toBeLessThan(0.1); // of the batch
    expect(mean(0.997)).toBeGreaterThan(0.99); // still as it was
  });

  it('drops features in training only, by the context', () => {
    const model = make({ classifierDropoutProb: 0.5, initializerRange: 0.5 });
    const x = tf.randomUniform([2, 40, 40, 3], 0, 1, 'float32', 5);
    const context = (epoch: number) => ({ seed: 1, epoch, step: 0, ids: Uint32Array.of(1, 2) });
    const train = (epoch: number) =>
      (model.apply(x, { training: true, context: context(epoch) }) as tf.Tensor).dataSync();
    expect(train(0)).toEqual(train(0));
    expect(train(0)).not.toEqual(train(1));
  });

  it.each<[Partial<MobileNetV2Options>, string]>([
    [{ outputStride: 12 }, 'mobileNetV2: outputStride must be 2, 4, 8, 16 or 32, got 12'],
    [{ depthMultiplier: 0 }, 'depthMultiplier must be > 0, got 0'],
    [{ classifierDropoutProb: 1 }, 'classifierDropoutProb must be in [0, 1), got 1'],
    [{ batchNormMomentum: 2 }, 'batchNormMomentum must be in [0, 1], got 2'],
  ])('refuses %j', (options, message) => {
    expect(() => make(options)).toThrow(message);
  });
});

it.each([
  [11.2, 16], // 8 would be less than .9 of it
  [8.4, 8],
  [36, 40],
  [20, 24],
  [2.5, 8],
])('roundedChannels(%d) is %d', (channels, expected) => {
  expect(roundedChannels(channels, { depthDivisibleBy: 8, minDepth: 8 })).toBe(expected);
});
