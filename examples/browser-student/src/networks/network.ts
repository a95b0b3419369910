import type { ImageArray } from '@kd/core';
import { getModelConfig, type ModelConfig } from '@kd/models';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** A teacher or a student, ready to be asked. */
export interface Network {
  /** What it is, such as `MLP 784-800-800-10`. */
  description: string;
  classNames: readonly string[];
  parameters: number;
  /** Of the weights, as they were loaded. */
  bytes: number;
  /** Height, width and channels of what it looks at; 1 channel is a drawing, 3 are a photograph. */
  imageShape: readonly [number, number, number];
  /** The pixels that are left of an image: uint8 of any size (but for one channel) to uint8 `imageShape`. */
  look(image: ImageArray): ImageArray;
  /** An image, uint8, as the float32 numbers that the network was trained with: `imageShape`. */
  prepare(image: ImageArray): Float32Array;
  /** Of a prepared image. */
  logits(prepared: Float32Array): Promise<Float32Array>;
  dispose(): void;
}

const FAMILIES: Record<ModelConfig['modelType'], string> = {
  mlp: 'MLP',
  cifar_resnet: 'ResNet',
  resnet: 'ResNet',
  mobilenet_v2: 'MobileNetV2',
  vit: 'ViT',
  deit: 'DeiT',
};

/** What a network is, in a few words. */
export function describe(model: LayersModel): string {
  const config = getModelConfig(model);
  const family = FAMILIES[config.modelType];
  switch (config.modelType) {
    case 'mlp': {
      const inputs = config.inputShape.reduce((a, b) => a * b, 1);
      return `${family} ${[inputs, ...config.hiddenSizes, config.classNames.length].join('-')}`;
    }
    case 'mobilenet_v2':
      return `${family} × ${config.depthMultiplier}`;
    case 'vit':
    case 'deit':
      return `${family} ${config.numHiddenLayers} × ${config.hiddenSize}`;
    default:
      return family;
  }
}

/** One image through a model, its result read back. */
export async function computeLogits(
  model: LayersModel,
  shape: Network['imageShape'],
  prepared: Float32Array,
): Promise<Float32Array> {
  const logits = tf.tidy(() => model.apply(tf.tensor(prepared, [1, ...shape])) as tf.Tensor);
  try {
    return (await logits.data()) as Float32Array;
  } finally {
    logits.dispose();
  }
}
