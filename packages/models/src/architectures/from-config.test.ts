import '@tensorflow/tfjs-backend-cpu';
import { namedVariables } from '@kd/ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { mobileNetV2 } from '../mobilenet/mobilenet-v2.ts';
import { getModelConfig } from '../model-config.ts';
import { fromConfig } from './from-config.ts';
import { toPretrained } from './to-pretrained.ts';

const classNames = ['a', 'b', 'c'];
const bits = (each: LayersModel) =>
  Object.fromEntries(namedVariables(each).map(({ name, variable }) => [name, variable.dataSync()]));

it('builds what the architecture’s own function builds, with the same first weights', async () => {
  const options = { depthMultiplier: 0.35, imageSize: 96, classifierDropoutProb: 0.2 };
  const { config } = await toPretrained(mobileNetV2({ classNames, seed: 1, ...options }));
  const made = fromConfig(config, { seed: 7, modelOptions: { batchNormMomentum: 0.997 } });
  const wanted = mobileNetV2({ classNames, seed: 7, ...options, batchNormMomentum: 0.997 });
  expect(bits(made)).toEqual(bits(wanted));
  expect(getModelConfig(made)).toEqual(getModelConfig(wanted));
  expect(bits(fromConfig(config, { seed: 8 }))).not.toEqual(bits(made));
});

it('takes classes of another number, since there is no head to keep', () => {
  const model = fromConfig({ model_type: 'mobilenet_v2', num_labels: 1001 }, { classNames });
  expect(model.outputShape).toEqual([null, 3]);
});

it.each([
  [undefined, /^fromConfig: config.json is no object$/],
  [{ model_type: 'swin' }, /^fromConfig: .*swin/],
  [{ model_type: 'mobilenet_v2', hidden_act: 'gelu', num_labels: 3 }, /^fromConfig: .*hidden_act/],
])('%j: refused', (config, message) => {
  expect(() => fromConfig(config, { classNames })).toThrow(message);
});
