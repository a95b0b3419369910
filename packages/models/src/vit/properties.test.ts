import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getModelConfig } from '../model-config.ts';
import { fromPretrained } from '../node/from-pretrained.ts';
import { loadModel, saveModel } from '../node/save-model.ts';
import { savePretrained } from '../node/save-pretrained.ts';
import { type DeitOptions, deit } from './deit.ts';
import { vit } from './vit.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd vit properties '));
});
afterAll(() => rm(folder, { recursive: true }));

const upTo = (max: number) => fc.integer({ min: 1, max });
const size = (min: number, max: number) =>
  fc.oneof(fc.integer({ min, max }), fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })));

/** Any options that a small model may have. */
const anyOptions = fc
  .record({
    heads: upTo(3),
    depth: upTo(4),
    classNames: fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 4 }),
    imageSize: size(6, 13),
    inputSize: size(6, 13),
    patchSize: size(3, 6),
    numChannels: upTo(4),
    numHiddenLayers: upTo(2),
    intermediateSize: upTo(9),
    qkvBias: fc.boolean(),
    layerNormEps: fc.constantFrom(1e-12, 1e-6, 1e-5),
    hiddenDropoutProb: fc.constantFrom(0, 0.1),
    attentionProbsDropoutProb: fc.constantFrom(0, 0.3),
    seed: fc.maxSafeNat(),
    distillationHead: fc.boolean(),
    isDeit: fc.boolean(),
  })
  .map(({ heads, depth, ...rest }) => ({ ...rest, numAttentionHeads: heads, hiddenSize: heads * depth }));

const make = ({ isDeit, distillationHead, ...options }: DeitOptions & { isDeit: boolean }): LayersModel =>
  isDeit ? deit({ ...options, distillationHead: distillationHead! }) : vit(options);

function bits(model: LayersModel): unknown {
  return tf.tidy(() => {
    const shape = model.inputs[0]!.shape.map((each) => each ?? 1);
    const logits = (model.predict(tf.randomNormal(shape, 0, 1, 'float32', 3)) as tf.Tensor).dataSync();
    return { logits, weights: namedVariables(model).map(({ name, variable }) => [name, variable.dataSync()]) };
  });
}

it('any transformer comes back from both kinds of files with equal bits and an equal config', async () => {
  await fc.assert(
    fc.asyncProperty(anyOptions, async (options) => {
      const model = make(options);
      await saveModel(model, join(folder, 'tf'));
      await savePretrained(model, join(folder, 'hf'));
      const config = getModelConfig(model) as { inputSize: unknown };
      const { inputSize } = config; // which config.json does not know
      const others = [
        await loadModel(join(folder, 'tf')),
        await fromPretrained(join(folder, 'hf'), { modelOptions: { inputSize } }),
        make(options),
      ];
      for (const other of others) {
        expect(getModelConfig(other)).toEqual(config);
        expect(bits(other)).toEqual(bits(model));
      }
      for (const each of [model, ...others]) each.dispose();
    }),
    { numRuns: 40 },
  );
});
