import { globalAveragePool, maxPool } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

export interface MaxPoolingConfig {
  name: string;
  /** Height and width of the window. */
  poolSize: number;
  strides: number;
}

/** The largest value of each window, without padding. It is saved as TF.js' own MaxPooling2D. */
export class MaxPooling2D extends tfl.layers.Layer {
  static className = 'MaxPooling2D';
  private readonly config: MaxPoolingConfig;

  constructor(config: MaxPoolingConfig) {
    super({ name: config.name });
    this.config = config;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    const { poolSize: size, strides } = this.config;
    return tf.tidy(() => maxPool(x, { size, strides }));
  }

  override computeOutputShape([batch, height, width, channels]: tfl.Shape): tfl.Shape {
    const { poolSize, strides } = this.config;
    const pooled = (size: number | null | undefined): number | null =>
      size === null || size === undefined ? null : Math.floor((size - poolSize) / strides) + 1;
    return [batch!, pooled(height), pooled(width), channels!];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { poolSize, strides } = this.config;
    const windows = { poolSize: [poolSize, poolSize], strides: [strides, strides] };
    return { ...super.getConfig(), ...windows, padding: 'valid', dataFormat: 'channelsLast' };
  }
}

/** The mean over height and width. It is saved as TF.js' own GlobalAveragePooling2D. */
export class GlobalAveragePooling2D extends tfl.layers.Layer {
  static className = 'GlobalAveragePooling2D';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    return tf.tidy(() => globalAveragePool(x));
  }

  override computeOutputShape([batch, , , channels]: tfl.Shape): tfl.Shape {
    return [batch!, channels!];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), dataFormat: 'channelsLast' };
  }
}
