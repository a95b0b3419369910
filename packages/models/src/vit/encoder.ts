import * as tfl from '@tensorflow/tfjs-layers';
import { applied } from '../layers/convolution-block.ts';
import type { EncoderConfig } from './config.ts';
import { FeedForward } from './feed-forward.ts';
import type { Grid } from './interpolation.ts';
import { LayerNormalization } from './layer-normalization.ts';
import { PatchEmbedding } from './patch-embedding.ts';
import { SelfAttention } from './self-attention.ts';
import { TokenEmbedding } from './token-embedding.ts';

/** One layer of the encoder: attention and perceptron, each behind a normalisation and beside a skip connection. */
function encoderLayer(x: tfl.SymbolicTensor, name: string, config: EncoderConfig): tfl.SymbolicTensor {
  const { numAttentionHeads: heads, qkvBias, intermediateSize, layerNormEps: epsilon } = config;
  const { hiddenDropoutProb: dropout, attentionProbsDropoutProb: attentionDropout } = config;
  const norm = (at: string, input: tfl.SymbolicTensor): tfl.SymbolicTensor =>
    applied(new LayerNormalization({ name: `${name}.layernorm_${at}`, epsilon }), input);
  const attention = new SelfAttention({ name: `${name}.attention`, heads, qkvBias, attentionDropout, dropout });
  const attended = applied(tfl.layers.add({ name: `${name}.residual` }), [x, applied(attention, norm('before', x))]);
  const perceptron = new FeedForward({ name: `${name}.mlp`, intermediateSize, dropout });
  return applied(tfl.layers.add({ name }), [attended, applied(perceptron, norm('after', attended))]);
}

/** How many patches fit, rows and columns. */
const gridOf = (size: readonly [number, number], patch: readonly [number, number]): Grid => [
  Math.floor(size[0] / patch[0]),
  Math.floor(size[1] / patch[1]),
];

/**
 * The graph of a vision transformer up to its last normalisation. Layers have Hugging Face's names without the prefix:
 * `embeddings`, `encoder.layer.0`, …, `layernorm`.
 *
 * @returns the image [batch, height, width, channels] and the tokens [batch, tokens, hidden]
 */
export function encoderGraph(
  config: EncoderConfig,
  distillationToken: boolean,
): { image: tfl.SymbolicTensor; tokens: tfl.SymbolicTensor } {
  const { imageSize, inputSize, patchSize, hiddenSize, hiddenDropoutProb: dropout } = config;
  const [grid, inputGrid] = [gridOf(imageSize, patchSize), gridOf(inputSize, patchSize)];
  const image = tfl.input({ shape: [...inputSize, config.numChannels], name: 'image' });
  let x = applied(new PatchEmbedding({ name: 'embeddings.patch_embeddings', patchSize, hiddenSize }), image);
  x = applied(new TokenEmbedding({ name: 'embeddings', grid, inputGrid, distillationToken, dropout }), x);
  for (let i = 0; i < config.numHiddenLayers; i++) x = encoderLayer(x, `encoder.layer.${i}`, config);
  const norm = new LayerNormalization({ name: 'layernorm', epsilon: config.layerNormEps });
  return { image, tokens: applied(norm, x) };
}

/** The linear layer behind the tokens that gives logits. */
export const classifier = (name: string, config: EncoderConfig): tfl.layers.Layer =>
  tfl.layers.dense({ name, units: config.classNames.length, kernelInitializer: 'zeros' });
