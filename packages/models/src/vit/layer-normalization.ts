import { layerNorm } from '@kd/ops';
import type * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

export interface LayerNormalizationConfig {
  name: string;
  epsilon: number;
}

/** Layer normalisation over the last dimension, on the training op of `@kd/ops`. */
export class LayerNormalization extends tfl.layers.Layer {
  static className = 'KdLayerNormalization';
  private readonly config: LayerNormalizationConfig;
  private gamma!: tfl.LayerVariable;
  private beta!: tfl.LayerVariable;

  constructor(config: LayerNormalizationConfig) {
    super(config);
    this.config = config;
  }

  override build(inputShape: tfl.Shape): void {
    const shape = [inputShape[inputShape.length - 1]!];
    this.gamma = this.addWeight('gamma', shape, 'float32', tfl.initializers.ones());
    this.beta = this.addWeight('beta', shape, 'float32', tfl.initializers.zeros());
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    return layerNorm(x, this.gamma.read() as tf.Tensor1D, this.beta.read() as tf.Tensor1D, this.config.epsilon);
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { epsilon } = this.config;
    return { ...super.getConfig(), epsilon };
  }
}
