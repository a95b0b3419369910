import { attention } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { ReplayableDropout, type StepKwargs } from '../layers/replayable-dropout.ts';
import { type AddWeight, type LinearWeights, linear, linearWeights } from './linear.ts';

export interface SelfAttentionConfig {
  name: string;
  heads: number;
  /** Whether query, key and value have a bias. */
  qkvBias: boolean;
  /** Share of attention weights dropped in training. */
  attentionDropout: number;
  /** Share of output units dropped in training. */
  dropout: number;
}

/**
 * Multi-head self-attention: `output = concat_h(attention(x Wq_h, x Wk_h, x Wv_h)) Wo`, each product with its bias.
 *
 * Input and output float32 [batch, tokens, hidden]; `hidden` must be a multiple of `heads`.
 *
 * Reference: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.2; `ViTAttention` of transformers.
 */
export class SelfAttention extends tfl.layers.Layer {
  static className = 'KdSelfAttention';
  private readonly config: SelfAttentionConfig;
  private readonly attentionDropout: ReplayableDropout;
  private readonly dropout: ReplayableDropout;
  private projectionWeights: LinearWeights[] = [];
  private outputWeights!: LinearWeights;

  constructor(config: SelfAttentionConfig) {
    super(config);
    this.config = config;
    this.attentionDropout = new ReplayableDropout(`${config.name}/weights`, config.attentionDropout);
    this.dropout = new ReplayableDropout(config.name, config.dropout);
  }

  override build(inputShape: tfl.Shape): void {
    const hidden = inputShape[2]!;
    const add: AddWeight = (name, shape) => this.addWeight(name, shape, 'float32', tfl.initializers.zeros());
    this.projectionWeights = ['query', 'key', 'value'].map((name) =>
      linearWeights(add, `attention.${name}`, hidden, hidden, this.config.qkvBias),
    );
    this.outputWeights = linearWeights(add, 'output.dense', hidden, hidden);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: StepKwargs): tf.Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      const [batch, tokens, hidden] = x.shape as [number, number, number];
      const { heads } = this.config;
      const [query, key, value] = this.projectionWeights.map((weights) => {
        const split = tf.reshape(linear(x, weights), [batch, tokens, heads, hidden / heads]);
        return tf.transpose(split, [0, 2, 1, 3]) as tf.Tensor4D; // [batch, heads, tokens, depth]
      }) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
      const mixed = this.attend(query, key, value, kwargs);
      const merged = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, tokens, hidden]);
      return this.dropout.apply(linear(merged, this.outputWeights), kwargs);
    });
  }

  /** By the op; as separate steps where attention weights are dropped. */
  private attend(query: tf.Tensor4D, key: tf.Tensor4D, value: tf.Tensor4D, kwargs: StepKwargs): tf.Tensor4D {
    const drops = (kwargs.dropout ?? kwargs.training) && this.config.attentionDropout > 0;
    if (!drops) return attention(query, key, value);
    const scores = tf.mul(tf.matMul(query, key, false, true), query.shape[3] ** -0.5);
    return tf.matMul(this.attentionDropout.apply(tf.softmax(scores), kwargs), value) as tf.Tensor4D;
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { heads, qkvBias, attentionDropout, dropout } = this.config;
    return { ...super.getConfig(), heads, qkvBias, attentionDropout, dropout };
  }
}
