/* Runs in Node and in a browser: with the stores that TF.js has in each. */
import '@tensorflow/tfjs-backend-cpu';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { cifarResnet } from './cifar-resnet/cifar-resnet.ts';
import { mlp } from './mlp/mlp.ts';
import { mobileNetV2 } from './mobilenet/mobilenet-v2.ts';
import { getModelConfig } from './model-config.ts';
import { resnet } from './resnet/resnet.ts';
import { deit } from './vit/deit.ts';
import { registerLayers } from './vit/register-layers.ts';
import { vit } from './vit/vit.ts';

const classNames = ['a', 'b', 'c'];
const encoder = {
  classNames,
  imageSize: 32,
  patchSize: 8,
  hiddenSize: 12,
  numHiddenLayers: 2,
  numAttentionHeads: 3,
  intermediateSize: 16,
  initializerRange: 0.3,
  seed: 1,
};
const MODELS: Readonly<Record<string, () => tfl.LayersModel>> = {
  mlp: () => mlp({ inputShape: [32, 32, 3], hiddenSizes: [8], classNames, batchNorm: true, dropout: 0.5, seed: 1 }),
  resnet: () => resnet({ classNames, embeddingSize: 4, hiddenSizes: [8, 16], depths: [1, 1], seed: 1 }),
  cifarResnet: () => cifarResnet({ classNames, depth: 8, seed: 1 }),
  mobileNetV2: () =>
    mobileNetV2({ classNames, depthMultiplier: 0.35, initializerRange: 0.1, batchNormMomentum: 0.5, seed: 1 }),
  vit: () => vit(encoder),
  deit: () => deit(encoder),
};

/** IndexedDB in a browser; Node has no store of TF.js' own, so there it is an object in memory. */
async function saved(model: tfl.LayersModel, name: string): Promise<string | tf.io.IOHandler> {
  if (typeof indexedDB !== 'undefined') {
    await model.save(`indexeddb://${name}`);
    return `indexeddb://${name}`;
  }
  let artifacts: tf.io.ModelArtifacts | undefined;
  const modelArtifactsInfo: tf.io.ModelArtifactsInfo = { dateSaved: new Date(), modelTopologyType: 'JSON' };
  await model.save({
    async save(given) {
      artifacts = given;
      return { modelArtifactsInfo };
    },
  });
  return { load: async () => artifacts! };
}

const largest = (x: tf.Tensor): number => tf.max(tf.abs(x)).dataSync()[0]!;

describe.each(Object.entries(MODELS))('%s', (name, make) => {
  it("saves and loads with TF.js' own handlers: the same bits, the same logits", async () => {
    if (name === 'vit' || name === 'deit') registerLayers(); // the others consist of stock layers
    const model = make();
    const x = tf.randomUniform([2, 32, 32, 3], -1, 1, 'float32', 3);
    model.apply(x, { training: true }); // statistics that are not those of a new model
    const loaded = await tfl.loadLayersModel(await saved(model, name));
    const bits = (each: tfl.LayersModel) =>
      namedVariables(each).map((weight) => [weight.name, weight.variable.dataSync()]);
    expect(bits(loaded)).toEqual(bits(model));
    expect(getModelConfig(loaded)).toEqual(getModelConfig(model));
    const logits = model.predict(x) as tf.Tensor;
    expect(largest(tf.sub(loaded.predict(x) as tf.Tensor, logits))).toBeLessThanOrEqual(1e-5 * largest(logits));
    expect(largest(logits)).toBeGreaterThan(0.01);
  });
});
