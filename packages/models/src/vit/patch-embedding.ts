import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

export interface PatchEmbeddingConfig {
  name: string;
  /** Height and width of a patch. */
  patchSize: readonly [number, number];
  hiddenSize: number;
}

/**
 * Cuts an image into patches and projects each: a convolution whose stride is its size. Pixels at the right and bottom
 * that fill no whole patch are left out, as by `Conv2d` without padding.
 *
 * Input float32 [batch, height, width, channels], output float32 [batch, patches, hiddenSize], patches row by row.
 *
 * One matrix product instead of a convolution: its gradients are products too, on every backend.
 *
 * Reference: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", section 3.1.
 */
export class PatchEmbedding extends tfl.layers.Layer {
  static className = 'KdPatchEmbedding';
  private readonly config: PatchEmbeddingConfig;
  private kernel!: tfl.LayerVariable;
  private bias!: tfl.LayerVariable;

  constructor(config: PatchEmbeddingConfig) {
    super(config);
    this.config = config;
  }

  override build(inputShape: tfl.Shape): void {
    const { patchSize, hiddenSize } = this.config;
    const shape = [...patchSize, inputShape[3]!, hiddenSize];
    this.kernel = this.addWeight('projection/kernel', shape, 'float32', tfl.initializers.zeros());
    this.bias = this.addWeight('projection/bias', [hiddenSize], 'float32', tfl.initializers.zeros());
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const { hiddenSize } = this.config;
    const [height, width] = this.config.patchSize;
    return tf.tidy(() => {
      const image = Array.isArray(inputs) ? inputs[0]! : inputs;
      const [batch, rows, columns, channels] = image.shape as [number, number, number, number];
      const [down, across] = [Math.floor(rows / height), Math.floor(columns / width)];
      const isWhole = rows === down * height && columns === across * width;
      const cut = isWhole ? image : tf.slice(image, [0, 0, 0, 0], [batch, down * height, across * width, channels]);
      // [batch * down, height, across, width * channels] -> [batch * down, across, height, width * channels]
      const strips = tf.reshape(cut, [batch * down, height, across, width * channels]);
      const patches = tf.reshape(tf.transpose(strips, [0, 2, 1, 3]), [-1, height * width * channels]);
      const matrix = tf.reshape(this.kernel.read(), [height * width * channels, hiddenSize]);
      const embedded = tf.add(tf.matMul(patches, matrix), this.bias.read());
      return tf.reshape(embedded, [batch, down * across, hiddenSize]);
    });
  }

  override computeOutputShape([batch, rows, columns]: tfl.Shape): tfl.Shape {
    const { patchSize, hiddenSize } = this.config;
    const patches = Math.floor(rows! / patchSize[0]) * Math.floor(columns! / patchSize[1]);
    return [batch!, patches, hiddenSize];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { patchSize, hiddenSize } = this.config;
    return { ...super.getConfig(), patchSize: [...patchSize], hiddenSize };
  }
}
