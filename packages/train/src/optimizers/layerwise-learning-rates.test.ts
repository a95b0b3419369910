import '@tensorflow/tfjs-backend-cpu';
import { deit, mlp, mobileNetV2, resnet, vit } from '@kd/models';
import { namedVariables } from '@kd/ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { adamW } from './adam.ts';
import { layerwiseLearningRates } from './layerwise-learning-rates.ts';
import { NO_WEIGHT_DECAY } from './parameter-groups.ts';

const classNames = ['cat', 'dog'];
const sizes = { imageSize: 16, patchSize: 8, hiddenSize: 8, numAttentionHeads: 2, intermediateSize: 16 };

/** Rate of each trainable variable. */
function ratesOf(
  model: LayersModel,
  ...options: Parameters<typeof layerwiseLearningRates> extends [unknown, ...infer R] ? R : never
) {
  const { settingsOf } = adamW({ weightDecay: 0.05, groups: layerwiseLearningRates(model, ...options) });
  const trained = namedVariables(model).filter(({ trainable }) => trainable);
  return Object.fromEntries(trained.map(({ name }) => [name, settingsOf(name)]));
}

describe('layerwiseLearningRates', () => {
  it("has BEiT's depths for a ViT", () => {
    const rates = ratesOf(vit({ classNames, numHiddenLayers: 12, ...sizes }), 0.65);
    // get_num_layer_for_vit(name, 14), and LayerDecayValueAssigner: 0.65^(13 - depth).
    for (const [name, depth] of [
      ['embeddings/cls_token', 0],
      ['embeddings/position_embeddings', 0],
      ['embeddings.patch_embeddings/projection/kernel', 0],
      ['encoder.layer.0.layernorm_before/gamma', 1],
      ['encoder.layer.1.attention/attention.query/kernel', 2],
      ['encoder.layer.10.mlp/output.dense/bias', 11],
      ['encoder.layer.11.attention/output.dense/kernel', 12],
      ['layernorm/gamma', 13],
      ['classifier/kernel', 13],
    ] as const) {
      expect(rates[name]!.learningRateScale, name).toBeCloseTo(0.65 ** (13 - depth), 12);
      expect(rates[name]!.weightDecay).toBe(0.05);
    }
  });

  it('is a hand-computed list, with other groups in it', () => {
    const groups = [NO_WEIGHT_DECAY, { names: /classifier/, learningRateScale: 10 }];
    const rates = ratesOf(deit({ classNames, numHiddenLayers: 1, ...sizes }), 0.5, { groups });
    const block = 'encoder.layer.0';
    const [decayed, plain] = [0.05, 0];
    const expected: [string, number, number][] = [
      ['embeddings.patch_embeddings/projection/kernel', 0.25, decayed],
      ['embeddings.patch_embeddings/projection/bias', 0.25, plain],
      ['embeddings/cls_token', 0.25, decayed],
      ['embeddings/distillation_token', 0.25, decayed],
      ['embeddings/position_embeddings', 0.25, decayed],
      [`${block}.layernorm_before/gamma`, 0.5, plain],
      [`${block}.layernorm_before/beta`, 0.5, plain],
      ...['attention.query', 'attention.key', 'attention.value', 'output.dense'].flatMap(
        (part): [string, number, number][] => [
          [`${block}.attention/${part}/kernel`, 0.5, decayed],
          [`${block}.attention/${part}/bias`, 0.5, plain],
        ],
      ),
      [`${block}.layernorm_after/gamma`, 0.5, plain],
      [`${block}.layernorm_after/beta`, 0.5, plain],
      [`${block}.mlp/intermediate.dense/kernel`, 0.5, decayed],
      [`${block}.mlp/intermediate.dense/bias`, 0.5, plain],
      [`${block}.mlp/output.dense/kernel`, 0.5, decayed],
      [`${block}.mlp/output.dense/bias`, 0.5, plain],
      ['layernorm/gamma', 1, plain],
      ['layernorm/beta', 1, plain],
      ['cls_classifier/kernel', 10, decayed],
      ['cls_classifier/bias', 1, plain], // the first group that matches
      ['distillation_classifier/kernel', 10, decayed],
      ['distillation_classifier/bias', 1, plain],
    ];
    expect(Object.entries(rates).map(([name, rate]) => [name, rate.learningRateScale, rate.weightDecay])).toEqual(
      expected,
    );
  });

  it('counts the blocks of ResNets and MobileNets in their order', () => {
    const options = { layerType: 'basic', depths: [1, 2], embeddingSize: 16, hiddenSizes: [16, 6] } as const;
    const rates = ratesOf(resnet({ classNames, ...options, depths: [1, 2], hiddenSizes: [16, 6] }), 0.5);
    const scale = (name: string): number => rates[name]!.learningRateScale;
    expect(scale('embedder.embedder.convolution/kernel')).toBe(0.5 ** 4);
    expect(scale('encoder.stages.0.layers.0.layer.1.convolution/kernel')).toBe(0.5 ** 3);
    expect(scale('encoder.stages.1.layers.0.shortcut.convolution/kernel')).toBe(0.5 ** 2);
    expect(scale('encoder.stages.1.layers.1.layer.0.convolution/kernel')).toBe(0.5);
    expect(scale('classifier/bias')).toBe(1);
    const mobile = ratesOf(mobileNetV2({ classNames }), 0.9);
    expect(mobile['conv_stem.reduce_1x1.convolution/kernel']!.learningRateScale).toBeCloseTo(0.9 ** 17, 12);
    expect(mobile['layer.10.expand_1x1.convolution/kernel']!.learningRateScale).toBeCloseTo(0.9 ** 6, 12);
    expect(mobile['conv_1x1.convolution/kernel']!.learningRateScale).toBe(1);
  });

  it('takes blocks by any names, and says so where there are none', () => {
    const model = mlp({ classNames, hiddenSizes: [4, 3] });
    expect(() => layerwiseLearningRates(model, 0.5)).toThrow(
      "layerwiseLearningRates: no trainable variable of model 'mlp' is in a numbered block, such as fc1/kernel; name its",
    );
    const rates = ratesOf(model, 0.5, { blockOf: (name) => /^fc\d+/.exec(name)?.[0] });
    expect(Object.values(rates).map((rate) => rate.learningRateScale)).toEqual([0.25, 0.25, 0.5, 0.5, 1, 1]);
    expect(() => layerwiseLearningRates(model, 0)).toThrow('layerwiseLearningRates: decay must be in (0, 1], got 0');
  });
});
