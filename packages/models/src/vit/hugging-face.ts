import type { ConfigFields } from '../architectures/config-fields.ts';
import { type FileTensor, splitName } from '../weights/table.ts';
import { type EncoderConfig, type EncoderOptions, resolveEncoder } from './config.ts';

/**
 * Which tensor a variable is, by rule: `encoder.layer.0.mlp/output.dense/kernel` is
 * `vit.encoder.layer.0.output.dense.weight`.
 */
export function encoderTensor(variable: string, prefix: string): FileTensor {
  const { layer, weight, theirs } = splitName(variable);
  const isHead = layer.endsWith('classifier');
  const name = `${isHead ? '' : prefix}${layer.replace('.mlp/', '.').replace('/', '.')}.${theirs}`;
  if (weight !== 'kernel') return { name, layout: 'same' };
  return { name, layout: layer.endsWith('/projection') ? 'conv' : 'linear' };
}

/** Tensors of the bare model's pooler and of masked image modelling, which files of backbones have. */
export const isOfOtherHeads = (name: string): boolean => /(^|\.)pooler\.|mask_token$|^decoder\./.test(name);

/** The fields of a config.json, with the defaults of `ViTConfig` and `DeiTConfig`, which are the same. */
export function readEncoder(caller: string, fields: ConfigFields, classNames: readonly string[]): EncoderConfig {
  fields.only('hidden_act', 'gelu');
  fields.ignore('encoder_stride', 'pooler_act', 'pooler_output_size'); // of masked image modelling and the bare model
  const options: EncoderOptions = {
    classNames,
    imageSize: fields.get('image_size', 'size', 224),
    patchSize: fields.get('patch_size', 'size', 16),
    numChannels: fields.get('num_channels', 'whole', 3),
    hiddenSize: fields.get('hidden_size', 'whole', 768),
    numHiddenLayers: fields.get('num_hidden_layers', 'whole', 12),
    numAttentionHeads: fields.get('num_attention_heads', 'whole', 12),
    intermediateSize: fields.get('intermediate_size', 'whole', 3072),
    qkvBias: fields.get('qkv_bias', 'boolean', true),
    layerNormEps: fields.get('layer_norm_eps', 'number', 1e-12),
    hiddenDropoutProb: fields.get('hidden_dropout_prob', 'number', 0),
    attentionProbsDropoutProb: fields.get('attention_probs_dropout_prob', 'number', 0),
    initializerRange: fields.get('initializer_range', 'number', 0.02),
  };
  return resolveEncoder(caller, options);
}

const size = ([height, width]: readonly [number, number]): number | number[] =>
  height === width ? height : [height, width];

/** The fields of a config.json. */
export function writeEncoder(config: EncoderConfig): Record<string, unknown> {
  return {
    image_size: size(config.imageSize),
    patch_size: size(config.patchSize),
    num_channels: config.numChannels,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.numHiddenLayers,
    num_attention_heads: config.numAttentionHeads,
    intermediate_size: config.intermediateSize,
    hidden_act: 'gelu',
    qkv_bias: config.qkvBias,
    layer_norm_eps: config.layerNormEps,
    hidden_dropout_prob: config.hiddenDropoutProb,
    attention_probs_dropout_prob: config.attentionProbsDropoutProb,
    initializer_range: config.initializerRange,
  };
}
