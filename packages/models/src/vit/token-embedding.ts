import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { ReplayableDropout, type StepKwargs } from '../layers/replayable-dropout.ts';
import { type Grid, gridInterpolation } from './interpolation.ts';

export interface TokenEmbeddingConfig {
  name: string;
  /** Rows and columns of patches that there are position embeddings for. */
  grid: Grid;
  /** Rows and columns of patches in the input. */
  inputGrid: Grid;
  /** DeiT's second token. */
  distillationToken: boolean;
  dropout: number;
}

/**
 * Puts the class token (and DeiT's distillation token) in front of the patches and adds the position embeddings,
 * interpolated where the input has another grid than they were trained for.
 *
 * Input float32 [batch, patches, hidden], output float32 [batch, 1 or 2 + patches, hidden].
 *
 * Reference: Dosovitskiy et al. 2021, section 3.1 and 3.2; Touvron et al. 2021, "Training data-efficient image
 * transformers & distillation through attention", section 4.
 */
export class TokenEmbedding extends tfl.layers.Layer {
  static className = 'KdTokenEmbedding';
  private readonly config: TokenEmbeddingConfig;
  private readonly dropout: ReplayableDropout;
  private tokens: tfl.LayerVariable[] = [];
  private positions!: tfl.LayerVariable;

  constructor(config: TokenEmbeddingConfig) {
    super(config);
    this.config = config;
    this.dropout = new ReplayableDropout(config.name, config.dropout);
  }

  override build(inputShape: tfl.Shape): void {
    const hidden = inputShape[2]!;
    const { grid, distillationToken } = this.config;
    const add = (name: string, rows: number): tfl.LayerVariable =>
      this.addWeight(name, [1, rows, hidden], 'float32', tfl.initializers.zeros());
    this.tokens = ['cls_token', ...(distillationToken ? ['distillation_token'] : [])].map((name) => add(name, 1));
    this.positions = add('position_embeddings', this.tokens.length + grid[0] * grid[1]);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: StepKwargs): tf.Tensor {
    return tf.tidy(() => {
      const patches = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor3D;
      const none = tf.zeros([patches.shape[0], 1, patches.shape[2]]);
      const tokens = this.tokens.map((token) => tf.add(none, token.read())); // one of each for every image
      const all = tf.concat([...tokens, patches] as tf.Tensor3D[], 1);
      return this.dropout.apply(tf.add(all, this.interpolated()), kwargs);
    });
  }

  /** Position embeddings of the input's grid. */
  private interpolated(): tf.Tensor {
    const { grid, inputGrid } = this.config;
    const positions = this.positions.read() as tf.Tensor3D;
    if (grid.join() === inputGrid.join()) return positions;
    const [count, hidden] = [this.tokens.length, positions.shape[2]];
    const sizes: [number, number] = [inputGrid[0] * inputGrid[1], grid[0] * grid[1]];
    const table = tf.reshape(positions, [-1, hidden]);
    const ofTokens = tf.slice(table, [0, 0], [count, hidden]);
    const ofPatches = tf.slice(table, [count, 0], [sizes[1], hidden]);
    const resized = tf.matMul(tf.tensor2d(gridInterpolation(grid, inputGrid), sizes), ofPatches);
    return tf.expandDims(tf.concat([ofTokens, resized]), 0);
  }

  override computeOutputShape([batch, patches, hidden]: tfl.Shape): tfl.Shape {
    return [batch!, patches! + (this.config.distillationToken ? 2 : 1), hidden!];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { grid, inputGrid, distillationToken, dropout } = this.config;
    return { ...super.getConfig(), grid: [...grid], inputGrid: [...inputGrid], distillationToken, dropout };
  }
}
