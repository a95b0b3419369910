import '@tensorflow/tfjs-backend-cpu';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { getModelConfig } from '../model-config.ts';
import { withTaps } from '../taps.ts';
import type { EncoderOptions } from './config.ts';
import { deit } from './deit.ts';
import { vit } from './vit.ts';

const classNames = ['a', 'b', 'c'];
const SMALL = { imageSize: 16, patchSize: 8, hiddenSize: 24, numHiddenLayers: 2, numAttentionHeads: 3 };
const options = { classNames, ...SMALL, intermediateSize: 20 };
const make = (more: Partial<EncoderOptions> = {}) => vit({ ...options, ...more });
const x = tf.randomNormal<tf.Rank.R4>([4, 16, 16, 3], 0, 1, 'float32', 5);
const run = (model: LayersModel, kwargs = {}) => (model.apply(x, kwargs) as tf.Tensor).dataSync();
const values = (model: LayersModel, name: string) =>
  namedVariables(model)
    .find((each) => each.name === name)!
    .variable.dataSync();
const spread = (all: ArrayLike<number>) => Math.sqrt(Array.from(all).reduce((a, b) => a + b * b, 0) / all.length);

/** Every weight drawn, so that nothing is hidden behind a zero. */
function drawn(model: LayersModel): LayersModel {
  for (const [i, { variable }] of namedVariables(model).entries()) {
    tf.tidy(() => variable.assign(tf.randomNormal(variable.shape, 0, 0.5, 'float32', i + 1)));
  }
  return model;
}

describe('vit', () => {
  it('starts from its seed, spread as Hugging Face has it', () => {
    const [one, same, other] = [make({ seed: 1 }), make({ seed: 1 }), make({ seed: 2 })];
    expect(run(one)).toEqual(run(same));
    expect(run(one)).not.toEqual(run(other));
    const wide = make({ hiddenSize: 96, initializerRange: 0.05 });
    for (const name of ['embeddings/position_embeddings', 'encoder.layer.1.mlp/output.dense/kernel']) {
      expect(spread(values(wide, name)) / 0.05).toBeCloseTo(1, 1);
    }
    expect(spread(values(wide, 'embeddings/cls_token'))).toBeGreaterThan(0.03);
    expect(spread(values(wide, 'encoder.layer.0.attention/attention.query/bias'))).toBe(0);
    expect(new Set(values(wide, 'layernorm/gamma'))).toEqual(new Set([1]));
  });

  it.each([
    ['hiddenDropoutProb', 0.3],
    ['attentionProbsDropoutProb', 0.3],
  ])('takes the masks of %s from the context, and drops nothing in inference', (name, rate) => {
    const model = drawn(make({ [name]: rate }));
    const context = (epoch: number) => ({ seed: 3, epoch, step: 0, ids: Uint32Array.of(4, 5, 6, 7) });
    const train = (epoch: number) => run(model, { training: true, context: context(epoch) });
    expect(train(0)).toEqual(train(0));
    expect(train(0)).not.toEqual(train(1));
    expect(run(model)).toEqual(run(drawn(make())));
    expect(run(model, { training: true })).not.toEqual(run(model, { training: true }));
  });

  it('attends the same by the op as in steps, as it does to drop weights', () => {
    const [byOp, inSteps] = [drawn(make()), drawn(make({ attentionProbsDropoutProb: 1e-6 }))]; // keeps every weight
    run(inSteps, { training: true }).forEach((value, i) => {
      expect(value).toBeCloseTo(run(byOp)[i]!, 4);
    });
  });

  it('leaves out pixels that fill no patch', () => {
    const model = drawn(make({ inputSize: [21, 16] }));
    const rest = (value: number) => tf.fill([4, 5, 16, 3], value);
    const logits = (value: number) => (model.apply(tf.concat([x, rest(value)], 1)) as tf.Tensor).dataSync();
    expect(logits(0)).toEqual(logits(9));
    expect(logits(0)).toEqual(run(drawn(make())));
  });

  it('leaks nothing', () => {
    const model = make({ inputSize: [16, 24] });
    const wide = tf.zeros([2, 16, 24, 3]);
    const before = tf.memory().numTensors;
    tf.dispose(model.predict(wide));
    tf.tidy(() => {
      tf.variableGrads(() => tf.sum(model.apply(wide, { training: true }) as tf.Tensor));
    });
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
    expect(tf.memory().numTensors).toBeLessThan(before);
  });

  it('tells what it was made with', () => {
    expect(getModelConfig(make({ imageSize: [16, 32], inputSize: 48 }))).toEqual({
      modelType: 'vit',
      ...options,
      imageSize: [16, 32],
      inputSize: [48, 48],
      patchSize: [8, 8],
      numChannels: 3,
      qkvBias: true,
      layerNormEps: 1e-12,
      hiddenDropoutProb: 0,
      attentionProbsDropoutProb: 0,
      initializerRange: 0.02,
    });
  });

  it.each<[Partial<EncoderOptions>, string]>([
    [{ classNames: ['one'] }, 'vit: classNames must name two classes or more, got 1'],
    [{ hiddenSize: 25 }, 'hiddenSize must be a multiple of numAttentionHeads, 3, got 25'],
    [{ numHiddenLayers: 0 }, 'numHiddenLayers must be a whole number > 0, got 0'],
    [{ patchSize: [8, 0] }, 'patchSize must be a whole number > 0, or two, got [8,0]'],
    [{ inputSize: 4 }, 'inputSize must hold a patch, [8,8], got [4,4]'],
    [{ hiddenDropoutProb: 1 }, 'hiddenDropoutProb must be in [0, 1), got 1'],
    [{ layerNormEps: 0 }, 'layerNormEps must be > 0, got 0'],
  ])('refuses %j', (more, message) => {
    expect(() => make(more)).toThrow(message);
  });
});

describe('deit', () => {
  it('gives the mean of both heads, each of which can be tapped', () => {
    const tapped = withTaps(drawn(deit(options)), ['cls_classifier', 'distillation_classifier']);
    const [logits, ofLabels, ofTeacher] = (tapped.apply(x) as tf.Tensor[]).map((each) => each.dataSync());
    expect(ofLabels).not.toEqual(ofTeacher);
    logits!.forEach((value, i) => {
      expect(value).toBeCloseTo((ofLabels![i]! + ofTeacher![i]!) / 2, 5);
    });
  });

  it('starts with zeros for tokens and positions, as Hugging Face has it', () => {
    const model = deit(options);
    for (const name of ['cls_token', 'distillation_token', 'position_embeddings']) {
      expect(spread(values(model, `embeddings/${name}`))).toBe(0);
    }
    expect(spread(values(model, 'cls_classifier/kernel'))).toBeGreaterThan(0.01);
  });
});
