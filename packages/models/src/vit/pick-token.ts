import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

export interface PickTokenConfig {
  name: string;
  /** 0 is the class token, 1 DeiT's distillation token. */
  index: number;
}

/** One token of each image: [batch, tokens, hidden] becomes [batch, hidden]. */
export class PickToken extends tfl.layers.Layer {
  static className = 'KdPickToken';
  private readonly config: PickTokenConfig;

  constructor(config: PickTokenConfig) {
    super(config);
    this.config = config;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      const [batch, , hidden] = x.shape as [number, number, number];
      return tf.reshape(tf.slice(x, [0, this.config.index, 0], [batch, 1, hidden]), [batch, hidden]);
    });
  }

  override computeOutputShape([batch, , hidden]: tfl.Shape): tfl.Shape {
    return [batch!, hidden!];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { index } = this.config;
    return { ...super.getConfig(), index };
  }
}
