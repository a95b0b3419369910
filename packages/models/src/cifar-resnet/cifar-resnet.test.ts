import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { countParameters } from '../count-parameters.ts';
import { withTaps } from '../taps.ts';
import { cifarResnet, resnet20, resnet32, resnet44, resnet56 } from './cifar-resnet.ts';
import type { CifarResnetOptions } from './config.ts';

const classes = (count: number) => Array.from({ length: count }, (_, i) => `class ${i}`);

describe('cifarResnet', () => {
  it.each([
    [resnet20, {}, 10, 269_722],
    [resnet32, {}, 10, 464_154],
    [resnet44, {}, 10, 658_586],
    [resnet56, {}, 10, 853_018],
    [resnet20, { shortcut: 'convolution' }, 10, 272_474],
    [resnet20, { shortcut: 'convolution' }, 100, 278_324], // RepDistiller's
    [resnet56, { shortcut: 'convolution' }, 10, 855_770],
  ] as const)('%# has the published number of parameters', (preset, options, count, expected) => {
    expect(countParameters(preset({ classNames: classes(count), ...options }))).toBe(expected);
  });

  it('passes every second pixel by, with channels of zeros on both sides', () => {
    const model = withTaps(cifarResnet({ classNames: classes(2), depth: 8 }), [
      'layer1',
      'layer2.0.shortcut.channels_last',
    ]);
    const [, x, y] = model.predict(tf.randomUniform([1, 5, 6, 3], 0, 1, 'float32', 5)) as tf.Tensor4D[];
    expect(y!.shape).toEqual([1, 3, 3, 32]);
    const wanted = tf.pad(tf.stridedSlice(x!, [0, 0, 0, 0], [1, 5, 6, 16], [1, 2, 2, 1]), [
      [0, 0],
      [0, 0],
      [0, 0],
      [8, 8],
    ]);
    expect(y!.dataSync()).toEqual(wanted.dataSync());
  });

  it.each<[Partial<CifarResnetOptions>, string]>([
    [{ depth: 21 }, 'cifarResnet: depth must be 6 n + 2, such as 20 or 56, got 21'],
    [{ shortcut: 'none' as never }, "shortcut must be 'identity' or 'convolution', got none"],
  ])('refuses %j', (options, message) => {
    expect(() => cifarResnet({ classNames: classes(2), ...options })).toThrow(message);
  });
});
