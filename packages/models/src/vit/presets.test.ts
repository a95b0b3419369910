import '@tensorflow/tfjs-backend-cpu';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterEach, describe, expect, it } from 'vitest';
import {
  deitBase16,
  deitBaseDistilled16,
  deitSmall16,
  deitSmallDistilled16,
  deitTiny16,
  deitTinyDistilled16,
  vitBase16,
  vitBase32,
  vitLarge16,
  vitSmall16,
  vitTiny16,
} from './presets.ts';

const classNames = Array.from({ length: 1000 }, (_, i) => String(i));
let model: LayersModel;
afterEach(() => model.dispose());

/** Weights and biases of one layer whose perceptron is four times as wide as its tokens. */
const ofLayer = (hidden: number) => 12 * hidden ** 2 + 13 * hidden;

describe('presets', () => {
  // As timm counts them: pytorch-image-models, results/model_metadata-in1k.csv.
  it.each([
    ['vitTiny16', vitTiny16, 5_717_416],
    ['vitSmall16', vitSmall16, 22_050_664],
    ['vitBase16', vitBase16, 86_567_656],
    ['deitTiny16', deitTiny16, 5_717_416],
    ['deitTinyDistilled16', deitTinyDistilled16, 5_910_800],
    ['deitSmallDistilled16', deitSmallDistilled16, 22_436_432],
  ] as const)('%s has its parameters', (_, preset, expected) => {
    model = preset({ classNames });
    expect(model.countParams()).toBe(expected);
  });

  it.each([
    ['vitBase32', vitBase32, 88_224_232, 12, 768],
    ['vitLarge16', vitLarge16, 304_326_632, 24, 1024],
    ['deitSmall16', deitSmall16, 22_050_664, 12, 384],
    ['deitBase16', deitBase16, 86_567_656, 12, 768],
    ['deitBaseDistilled16', deitBaseDistilled16, 87_338_192, 12, 768],
  ] as const)('%s has its parameters, counted with one layer', (_, preset, expected, layers, hidden) => {
    model = preset({ classNames, numHiddenLayers: 1 });
    expect(model.countParams()).toBe(expected - (layers - 1) * ofLayer(hidden));
  });

  it('DeiT-Ti with its distillation token and one head has 5 717 800', () => {
    model = deitTinyDistilled16({ classNames, distillationHead: false });
    expect(model.countParams()).toBe(5_717_800);
  });
});
