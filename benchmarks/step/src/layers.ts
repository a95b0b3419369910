import { batchNormInference, batchNormTraining, relu6, updateRunningStatistics } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

const first = (inputs: tf.Tensor | tf.Tensor[]): tf.Tensor => (Array.isArray(inputs) ? inputs[0]! : inputs);

/** What both kinds of networks share, so that their times compare: momentum and epsilon as Keras has them. */
export const BATCH_NORM = { momentum: 0.99, epsilon: 1e-3 };

/** tfjs-layers' BatchNormalization on the training op of `@kd/ops`. */
export class OpsBatchNormalization extends tfl.layers.Layer {
  static className = 'OpsBatchNormalization';
  private gamma!: tfl.LayerVariable;
  private beta!: tfl.LayerVariable;
  private mean!: tfl.LayerVariable;
  private variance!: tfl.LayerVariable;

  override build(inputShape: tfl.Shape): void {
    const shape = [inputShape[inputShape.length - 1]!];
    const weight = (name: string, initial: 'ones' | 'zeros', trainable: boolean) =>
      this.addWeight(name, shape, 'float32', tfl.initializers[initial](), undefined, trainable);
    this.gamma = weight('gamma', 'ones', true);
    this.beta = weight('beta', 'zeros', true);
    this.mean = weight('moving_mean', 'zeros', false);
    this.variance = weight('moving_variance', 'ones', false);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training }: { training?: boolean }): tf.Tensor {
    return tf.tidy(() => {
      const read = (...weights: tfl.LayerVariable[]) => weights.map((weight) => weight.read() as tf.Tensor1D);
      const [gamma, beta, mean, variance] = read(this.gamma, this.beta, this.mean, this.variance);
      const x = first(inputs);
      if (!training) return batchNormInference(x, gamma!, beta!, mean!, variance!, BATCH_NORM.epsilon);
      const { output, ...batch } = batchNormTraining(x, gamma!, beta!, BATCH_NORM.epsilon);
      const running = { mean: mean!, variance: variance! };
      const moved = updateRunningStatistics(running, batch, x.size / gamma!.size, { momentum: BATCH_NORM.momentum });
      this.mean.write(moved.mean);
      this.variance.write(moved.variance);
      return output;
    });
  }
}

/** ReLU6 on the op of `@kd/ops`. */
export class OpsRelu6 extends tfl.layers.Layer {
  static className = 'OpsRelu6';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return relu6(first(inputs));
  }
}
