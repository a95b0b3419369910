import { gelu } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { ReplayableDropout, type StepKwargs } from '../layers/replayable-dropout.ts';
import { type AddWeight, type LinearWeights, linear, linearWeights } from './linear.ts';

export interface FeedForwardConfig {
  name: string;
  /** Units between the two products. */
  intermediateSize: number;
  /** Share of output units dropped in training. */
  dropout: number;
}

/**
 * The transformer's perceptron on each token: `output = gelu(x W1 + b1) W2 + b2`, with the exact GELU.
 *
 * Input and output float32 [batch, tokens, hidden].
 *
 * Reference: Dosovitskiy et al. 2021, eq. 3; `ViTIntermediate` and `ViTOutput` of transformers.
 */
export class FeedForward extends tfl.layers.Layer {
  static className = 'KdFeedForward';
  private readonly config: FeedForwardConfig;
  private readonly dropout: ReplayableDropout;
  private intermediateWeights!: LinearWeights;
  private outputWeights!: LinearWeights;

  constructor(config: FeedForwardConfig) {
    super(config);
    this.config = config;
    this.dropout = new ReplayableDropout(config.name, config.dropout);
  }

  override build(inputShape: tfl.Shape): void {
    const hidden = inputShape[inputShape.length - 1]!;
    const add: AddWeight = (name, shape) => this.addWeight(name, shape, 'float32', tfl.initializers.zeros());
    this.intermediateWeights = linearWeights(add, 'intermediate.dense', hidden, this.config.intermediateSize);
    this.outputWeights = linearWeights(add, 'output.dense', this.config.intermediateSize, hidden);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: StepKwargs): tf.Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      return this.dropout.apply(linear(gelu(linear(x, this.intermediateWeights)), this.outputWeights), kwargs);
    });
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { intermediateSize, dropout } = this.config;
    return { ...super.getConfig(), intermediateSize, dropout };
  }
}
