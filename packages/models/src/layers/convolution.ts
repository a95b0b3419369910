import { conv2d, depthwiseConv2d } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

export interface ConvolutionConfig {
  name: string;
  /** Number of outputs; a depthwise convolution has one for each channel. */
  filters: number;
  /** Height and width of the window. */
  kernelSize: number;
  /** @default 1 */
  strides?: number;
  /** As TensorFlow means it; with `'valid'` a zero-padding layer in front gives any other. @default 'same' */
  padding?: 'same' | 'valid';
  /** Distance of the window's rows and columns. @default 1 */
  dilationRate?: number;
}

const ZEROS = { className: 'Zeros', config: {} };

/** Size of the output along one dimension; null for any. */
function outputSize(size: number | null | undefined, config: Required<ConvolutionConfig>): number | null {
  if (size === null || size === undefined) return null;
  const reach = config.padding === 'same' ? 1 : (config.kernelSize - 1) * config.dilationRate + 1;
  return Math.floor((size - reach) / config.strides) + 1;
}

/** What both convolutions share: without bias, on the ops of `@kd/ops`, which have gradients on every backend. */
abstract class Convolution extends tfl.layers.Layer {
  protected readonly config: Required<ConvolutionConfig>;
  protected kernel!: tfl.LayerVariable;

  constructor(config: ConvolutionConfig) {
    super({ name: config.name });
    this.config = { strides: 1, padding: 'same', dilationRate: 1, ...config };
  }

  protected abstract convolve(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D;

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    return tf.tidy(() => this.convolve(x as tf.Tensor4D, this.kernel.read() as tf.Tensor4D));
  }

  override computeOutputShape([batch, height, width]: tfl.Shape): tfl.Shape {
    const [rows, columns] = [outputSize(height, this.config), outputSize(width, this.config)];
    return [batch!, rows, columns, this.config.filters];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { kernelSize, strides, dilationRate, padding } = this.config;
    return {
      ...super.getConfig(),
      kernelSize: [kernelSize, kernelSize],
      strides: [strides, strides],
      dilationRate: [dilationRate, dilationRate],
      padding,
      dataFormat: 'channelsLast',
      useBias: false,
    };
  }
}

/** A convolution without bias. It is saved as TF.js' own Conv2D. */
export class Conv2D extends Convolution {
  static className = 'Conv2D';

  override build(inputShape: tfl.Shape): void {
    const { kernelSize, filters } = this.config;
    const shape = [kernelSize, kernelSize, inputShape[3]!, filters];
    this.kernel = this.addWeight('kernel', shape, 'float32', tfl.initializers.zeros());
    this.built = true;
  }

  protected override convolve(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
    const { strides, padding, dilationRate: dilations } = this.config;
    return conv2d(x, kernel, { strides, padding, dilations });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), filters: this.config.filters, kernelInitializer: ZEROS };
  }
}

/**
 * A convolution of each channel by itself, without bias. It is saved as TF.js' own DepthwiseConv2D, which takes a
 * dilation and does not heed it: for one above 1 there is `DilatedDepthwiseConv2D`.
 */
export class DepthwiseConv2D extends Convolution {
  static className = 'DepthwiseConv2D';

  override build(inputShape: tfl.Shape): void {
    const { kernelSize } = this.config;
    const shape = [kernelSize, kernelSize, inputShape[3]!, 1];
    this.kernel = this.addWeight('depthwise_kernel', shape, 'float32', tfl.initializers.zeros());
    this.built = true;
  }

  protected override convolve(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
    const { strides, padding, dilationRate: dilations } = this.config;
    return depthwiseConv2d(x, kernel, { strides, padding, dilations });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), depthMultiplier: 1, depthwiseInitializer: ZEROS };
  }
}

/** The same with a dilation. It is saved as a layer of ours: a model that has one needs `registerLayers()` in TF.js. */
export class DilatedDepthwiseConv2D extends DepthwiseConv2D {
  static override className = 'KdDilatedDepthwiseConv2D';

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.config };
  }
}
