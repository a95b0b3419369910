import '@tensorflow/tfjs-backend-cpu';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { mobileNetV2 } from './mobilenet/mobilenet-v2.ts';
import { getModelConfig } from './model-config.ts';
import { replaceHead } from './replace-head.ts';
import { resnet } from './resnet/resnet.ts';

const classNames = ['a', 'b'];
const models = {
  resnet: () => resnet({ classNames, embeddingSize: 8, hiddenSizes: [8, 12], depths: [1, 1], layerType: 'basic' }),
  mobilenet: () => mobileNetV2({ classNames, depthMultiplier: 0.1 }),
};

describe.each(Object.entries(models))('replaceHead of a %s', (_, make) => {
  it('keeps everything but the head, and leaves the model alone', () => {
    const model = make();
    model.apply(tf.randomUniform([2, 40, 40, 3], 0, 1, 'float32', 5), { training: true });
    const replaced = replaceHead(model, { classNames: ['x', 'y', 'z'], seed: 3 });
    expect(getModelConfig(replaced).classNames).toEqual(['x', 'y', 'z']);
    const [before, after] = [namedVariables(model), namedVariables(replaced)];
    after.forEach(({ name, variable }, i) => {
      if (name.startsWith('classifier/')) expect(variable.shape.at(-1)).toBe(3);
      else expect(variable.dataSync(), name).toEqual(before[i]!.variable.dataSync());
    });
    expect(
      after
        .find(({ name }) => name === 'classifier/kernel')!
        .variable.dataSync()
        .some((x) => x !== 0),
    ).toBe(true);
    const kept = before[0]!.variable.dataSync().slice();
    tf.tidy(() => after[0]!.variable.assign(tf.zerosLike(after[0]!.variable)));
    expect(before[0]!.variable.dataSync()).toEqual(kept);
  });

  it('refuses a single class', () => {
    expect(() => replaceHead(make(), { classNames: ['x'] })).toThrow('replaceHead: classNames must name two classes');
  });
});
