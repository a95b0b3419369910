import '@tensorflow/tfjs-backend-cpu';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { resnet20 } from '../cifar-resnet/cifar-resnet.ts';
import { countParameters } from '../count-parameters.ts';
import { mlp } from '../mlp/mlp.ts';
import { mobileNetV2 } from '../mobilenet/mobilenet-v2.ts';
import { getModelConfig } from '../model-config.ts';
import { resnet18, resnet50 } from '../resnet/presets.ts';
import { deitTinyDistilled16, vitTiny16 } from '../vit/presets.ts';
import { architectureOf } from './registry.ts';

const classNames = ['a', 'b'];
const MODELS: Readonly<Record<string, () => LayersModel>> = {
  mlp: () => mlp({ hiddenSizes: [800, 800], classNames }),
  resnet20: () => resnet20({ classNames }),
  resnet18: () => resnet18({ classNames }),
  resnet50: () => resnet50({ classNames }),
  mobileNetV2: () => mobileNetV2({ classNames }),
  'mobileNetV2 0.35': () => mobileNetV2({ classNames, depthMultiplier: 0.35 }),
  vitTiny16: () => vitTiny16({ classNames }),
  deitTinyDistilled16: () => deitTinyDistilled16({ classNames }),
};

it.each(Object.entries(MODELS))('the bound of %s is one, and not far off', (_, make) => {
  const model = make();
  const config = getModelConfig(model);
  const least = architectureOf('test', config.modelType).leastWeights(config);
  expect(least).toBeLessThanOrEqual(countParameters(model));
  expect(least).toBeGreaterThan(countParameters(model) / 5);
  model.dispose();
});
