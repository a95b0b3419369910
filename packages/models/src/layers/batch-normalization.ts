import { batchNormInference, batchNormTraining, updateRunningStatistics } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

export interface BatchNormOptions {
  /** Share of the old running statistics that a step keeps, as Keras means it: PyTorch's 0.1 is 0.9 here. @default 0.9 */
  momentum?: number;
  /** Added to the variance. @default 1e-5 */
  epsilon?: number;
  /** Divide the running variance by n - 1 as PyTorch does, not by n as Keras does. @default true */
  unbiasedVariance?: boolean;
}

/** `BatchNormOptions` with every default filled in. */
export type BatchNormConfig = Required<BatchNormOptions>;

export const BATCH_NORM_DEFAULTS: BatchNormConfig = { momentum: 0.9, epsilon: 1e-5, unbiasedVariance: true };

/**
 * Batch normalisation over the last dimension, on the training op of `@kd/ops`, with either convention for the running
 * variance. It is saved as TF.js' own BatchNormalization, so a saved model needs no package of ours.
 */
export class BatchNormalization extends tfl.layers.Layer {
  static className = 'BatchNormalization';
  /** Batches seen in training, as PyTorch counts them; it travels in Hugging Face's files only. */
  batches = 0;
  private readonly config: BatchNormConfig;
  private gamma!: tfl.LayerVariable;
  private beta!: tfl.LayerVariable;
  private movingMean!: tfl.LayerVariable;
  private movingVariance!: tfl.LayerVariable;

  constructor({ name, ...config }: BatchNormConfig & { name: string }) {
    super({ name });
    this.config = config;
  }

  override build(inputShape: tfl.Shape): void {
    const shape = [inputShape[inputShape.length - 1]!];
    const weight = (name: string, initial: 'ones' | 'zeros', trainable: boolean): tfl.LayerVariable =>
      this.addWeight(name, shape, 'float32', tfl.initializers[initial](), undefined, trainable);
    this.gamma = weight('gamma', 'ones', true);
    this.beta = weight('beta', 'zeros', true);
    this.movingMean = weight('moving_mean', 'zeros', false);
    this.movingVariance = weight('moving_variance', 'ones', false);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      const [gamma, beta] = [this.gamma.read(), this.beta.read()] as [tf.Tensor1D, tf.Tensor1D];
      const [mean, variance] = [this.movingMean.read(), this.movingVariance.read()] as [tf.Tensor1D, tf.Tensor1D];
      if (!kwargs.training) return batchNormInference(x, gamma, beta, mean, variance, this.config.epsilon);
      const { output, ...batch } = batchNormTraining(x, gamma, beta, this.config.epsilon);
      const updated = updateRunningStatistics({ mean, variance }, batch, x.size / gamma.size, this.config);
      this.batches++;
      this.movingMean.write(updated.mean);
      this.movingVariance.write(updated.variance);
      return output;
    });
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { momentum, epsilon } = this.config;
    return { ...super.getConfig(), axis: -1, momentum, epsilon, center: true, scale: true };
  }
}
