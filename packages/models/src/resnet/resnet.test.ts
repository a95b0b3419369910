import '@tensorflow/tfjs-backend-cpu';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it, vi } from 'vitest';
import { countParameters } from '../count-parameters.ts';
import { RESNET } from './architecture.ts';
import type { ResnetOptions } from './config.ts';
import { resnet18, resnet34, resnet50, resnet101, resnet152 } from './presets.ts';
import { resnet } from './resnet.ts';

const thousand = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
const SMALL = { classNames: ['a', 'b', 'c'], embeddingSize: 8, hiddenSizes: [8, 16], depths: [1, 2] };
const make = (options: Partial<ResnetOptions> = {}) => resnet({ ...SMALL, ...options });
const variable = (model: LayersModel, name: string) =>
  namedVariables(model).find((each) => each.name === name)!.variable;
const spread = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length);

function countOf(preset: (options: ResnetOptions) => LayersModel): number {
  const model = preset({ classNames: thousand });
  const count = countParameters(model);
  model.dispose();
  return count;
}

describe('resnet', () => {
  it.each([
    [resnet18, 11_689_512],
    [resnet34, 21_797_672],
    [resnet50, 25_557_032],
  ])('preset %# has the published number of parameters', (preset, expected) => {
    expect(countOf(preset)).toBe(expected);
  });

  it('has the published number of parameters with 101 and 152 layers', () => {
    vi.spyOn(RESNET, 'initialize').mockImplementation(() => {}); // 100 million numbers take too long to draw
    expect(countOf(resnet101)).toBe(44_549_160);
    expect(countOf(resnet152)).toBe(60_192_808);
    vi.restoreAllMocks();
  });

  it('starts as Hugging Face has it, from its seed', () => {
    const [one, same, other] = [make({ seed: 1 }), make({ seed: 1 }), make({ seed: 2 })];
    const stem = 'embedder.embedder.convolution/kernel';
    expect(variable(one, stem).dataSync()).toEqual(variable(same, stem).dataSync());
    expect(variable(one, stem).dataSync()).not.toEqual(variable(other, stem).dataSync());
    expect(spread(variable(one, stem).dataSync()) / Math.sqrt(2 / (7 * 7 * 8))).toBeCloseTo(1, 1);
    const bias = variable(one, 'classifier/bias').dataSync();
    expect(bias.every((value) => value !== 0 && Math.abs(value) <= 1 / 4)).toBe(true);
    const gamma = variable(one, 'embedder.embedder.normalization/gamma').dataSync();
    expect(gamma).toEqual(new Float32Array(8).fill(1));
  });

  it('takes images of any size', () => {
    const model = make();
    for (const size of [33, 64]) {
      expect((model.predict(tf.zeros([2, size, size + 3, 3])) as tf.Tensor).shape).toEqual([2, 3]);
    }
  });

  it('leaks nothing', () => {
    const model = make();
    const x = tf.zeros([2, 33, 33, 3]);
    const count = () => {
      tf.dispose(model.apply(x, { training: true }) as tf.Tensor);
      return tf.memory().numTensors;
    };
    expect(count()).toBe(count());
  });

  it.each<[Partial<ResnetOptions>, string]>([
    [{ depths: [1] }, 'resnet: depths must be a whole number > 0 for each of the 2 hiddenSizes, got [1]'],
    [{ hiddenSizes: [8, 10] }, 'hiddenSizes must be whole numbers > 0, multiples of 4, got [8,10]'],
    [{ layerType: 'wide' as never }, "layerType must be 'basic' or 'bottleneck', got wide"],
    [{ classNames: ['a'] }, 'classNames must name two classes or more, got 1'],
    [{ embeddingSize: 0 }, 'embeddingSize must be a whole number > 0, got 0'],
  ])('refuses %j', (options, message) => {
    expect(() => make(options)).toThrow(message);
  });
});
