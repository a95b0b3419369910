import { join } from 'node:path';
import { safetensorsParts } from '@kd/core';
import { deit, type ModelCardOptions, mobileNetV2, resnet, vit } from '@kd/models';
import { savePretrained } from '@kd/models/node';
import * as tf from '@tensorflow/tfjs-core';

const classNames = ['angular_leaf_spot', 'bean_rust', 'healthy'];
const encoder = {
  classNames,
  imageSize: 32,
  patchSize: 8,
  hiddenSize: 24,
  numHiddenLayers: 2,
  numAttentionHeads: 3,
  intermediateSize: 40,
  initializerRange: 0.3,
  seed: 1,
};
const small = { classNames, embeddingSize: 8, hiddenSizes: [8, 16], depths: [1, 2], seed: 1 };
const mobile = { classNames, depthMultiplier: 0.35, initializerRange: 0.1, batchNormMomentum: 0.5, seed: 1 };
const MODELS = {
  vit: () => vit(encoder),
  vit_no_bias: () => vit({ ...encoder, qkvBias: false, classNames: ['LABEL_0', 'LABEL_1'] }),
  deit: () => deit({ ...encoder, distillationHead: false }),
  deit_teacher: () => deit(encoder),
  resnet_basic: () => resnet({ ...small, layerType: 'basic' }),
  resnet_bottleneck: () => resnet(small),
  resnet_bottleneck_dib: () => resnet({ ...small, downsampleInBottleneck: true, downsampleInFirstStage: true }),
  mobilenet_v2: () => mobileNetV2(mobile),
  mobilenet_v2_dilated: () => mobileNetV2({ ...mobile, outputStride: 8, firstLayerIsExpansion: false }),
  mobilenet_v2_torchpad: () => mobileNetV2({ ...mobile, tfPadding: false, finegrainedOutput: false }),
};

/** With what YAML and Markdown could trip over. */
const CARD: ModelCardOptions = {
  name: 'me/beans: "small" #1 – 🫘',
  license: 'apache-2.0',
  datasets: ['AI-Lab-Makerere/beans'],
  teacher: 'merve/beans-vit-224',
  baseModel: 'google/vit-base-patch16-224',
  training: { seed: 1, learningRate: 1e-7 },
  results: [
    { dataset: { name: 'no', type: 'AI-Lab-Makerere/beans', split: 'test' }, metrics: { accuracy: 0.75, f1: 1e-7 } },
  ],
};

/**
 * Saves a small model of every architecture that transformers has, drawn weights and statistics of one batch, with the logits
 * of four images beside it.
 */
export async function saveModels(folder: string): Promise<void> {
  for (const [name, make] of Object.entries(MODELS)) {
    const model = make();
    const images = tf.randomUniform<tf.Rank.R4>([4, 32, 32, 3], -1, 1, 'float32', 5);
    model.apply(images, { training: true });
    const logits = model.predict(images) as tf.Tensor;
    const values = (each: tf.Tensor) => each.dataSync() as Float32Array;
    const expected = [
      { name: 'pixel_values', shape: [4, 3, 32, 32], data: values(tf.transpose(images, [0, 3, 1, 2])) },
      { name: 'logits', shape: logits.shape, data: values(logits) },
    ];
    await savePretrained(model, join(folder, name), {
      card: CARD,
      files: { 'expected.safetensors': safetensorsParts(expected) },
    });
  }
}
