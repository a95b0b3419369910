import { serialization } from '@tensorflow/tfjs-core';
import { DilatedDepthwiseConv2D } from '../layers/convolution.ts';
import { FeedForward } from './feed-forward.ts';
import { LayerNormalization } from './layer-normalization.ts';
import { PatchEmbedding } from './patch-embedding.ts';
import { PickToken } from './pick-token.ts';
import { SelfAttention } from './self-attention.ts';
import { TokenEmbedding } from './token-embedding.ts';

/**
 * Tells TF.js of the layers of ours that vision transformers (and dilated MobileNets) consist of, so that
 * `tf.loadLayersModel` reads a saved one. All functions of this package that make or load such models do that
 * themselves. Calling it again changes nothing.
 *
 * @example
 * import { registerLayers } from '@kd/models';
 * registerLayers(); // now `await tf.loadLayersModel(url)` reads a ViT
 */
export function registerLayers(): void {
  const encoder = [PatchEmbedding, TokenEmbedding, LayerNormalization, SelfAttention, FeedForward, PickToken];
  for (const layer of [...encoder, DilatedDepthwiseConv2D]) {
    serialization.registerClass<serialization.Serializable>(layer, 'kd');
  }
}
