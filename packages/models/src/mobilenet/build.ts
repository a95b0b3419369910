import { serialization } from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { DilatedDepthwiseConv2D } from '../layers/convolution.ts';
import { applied, blockNames, type ConvolutionBlock, convolutionBlock } from '../layers/convolution-block.ts';
import { Dropout } from '../layers/dropout.ts';
import { GlobalAveragePooling2D } from '../layers/pooling.ts';
import { setModelConfig } from '../model-config.ts';
import { roundedChannels } from './channels.ts';
import type { MobileNetV2Config } from './config.ts';

type Symbolic = tfl.SymbolicTensor;

/** Channels between the 16 blocks, and their strides: table 2 of the paper. */
const CHANNELS = [16, 24, 24, 32, 32, 32, 64, 64, 64, 64, 96, 96, 96, 160, 160, 160, 320];
const STRIDES = [2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1];

interface Convolution extends Pick<ConvolutionBlock, 'filters' | 'strides' | 'dilation' | 'isDepthwise'> {
  kernelSize: 1 | 3;
  activation?: 'none';
}

type AddConvolution = (x: Symbolic, name: string, block: Convolution) => Symbolic;

function addConvolutionFor(config: MobileNetV2Config): AddConvolution {
  const batchNorm = { momentum: config.batchNormMomentum, epsilon: config.batchNormEps, unbiasedVariance: true };
  const padding = config.tfPadding ? 'same' : 'symmetric';
  return (x, name, block) =>
    convolutionBlock(x, { names: blockNames(name), padding, batchNorm, activation: 'relu6', ...block });
}

/** The name that a block's output is tapped by. */
function named(x: Symbolic, name: string): Symbolic {
  return applied(tfl.layers.activation({ name, activation: 'linear' }), x);
}

interface Block {
  name: string;
  filters: number;
  strides: number;
  dilation: number;
}

/** Expands, convolves each channel by itself, and projects to few channels without an activation. */
function invertedResidual(x: Symbolic, block: Block, config: MobileNetV2Config, add: AddConvolution): Symbolic {
  const { name, filters, strides, dilation } = block;
  const inputs = x.shape[3]!;
  const expanded = roundedChannels(inputs * config.expandRatio, config);
  let y = add(x, `${name}.expand_1x1`, { kernelSize: 1, filters: expanded });
  y = add(y, `${name}.conv_3x3`, { kernelSize: 3, filters: expanded, isDepthwise: true, strides, dilation });
  y = add(y, `${name}.reduce_1x1`, { kernelSize: 1, filters, activation: 'none' });
  if (strides > 1 || inputs !== filters) return named(y, name);
  return applied(tfl.layers.add({ name }), [x, y]);
}

/** Strides and dilations of the blocks: where the output stride is reached, dilations take over. */
function steps(outputStride: number): { strides: number; dilation: number }[] {
  let reached = 2;
  let dilation = 1;
  return STRIDES.map((strides) => {
    if (reached < outputStride) {
      reached *= strides;
      return { strides, dilation: 1 };
    }
    const step = { strides: 1, dilation };
    dilation *= strides;
    return step;
  });
}

/** Channels behind the last convolution. */
function headChannels(config: MobileNetV2Config): number {
  if (config.finegrainedOutput && config.depthMultiplier < 1) return 1280;
  return roundedChannels(1280 * config.depthMultiplier, config);
}

/** A lower bound on the weights: the expansions of the blocks, the stem, the last convolution and the head. */
export function leastMobileNetV2Weights(config: MobileNetV2Config): number {
  const channels = CHANNELS.map((each) => roundedChannels(each * config.depthMultiplier, config));
  const expansions = channels.slice(0, -1).map((each) => each * roundedChannels(each * config.expandRatio, config));
  const stem = 9 * config.numChannels * roundedChannels(32 * config.depthMultiplier, config);
  const head = headChannels(config) * (channels.at(-1)! + config.classNames.length);
  return expansions.reduce((a, b) => a + b, stem + head);
}

/** The model of a config, its weights still zeros. */
export function buildMobileNetV2(config: MobileNetV2Config): tfl.LayersModel {
  if (config.outputStride < 32) serialization.registerClass<serialization.Serializable>(DilatedDepthwiseConv2D, 'kd');
  const add = addConvolutionFor(config);
  const scaled = (channels: number): number => roundedChannels(channels * config.depthMultiplier, config);
  const image = tfl.input({ shape: [null, null, config.numChannels], name: 'image' });

  const wide = scaled(32);
  let x = add(image, 'conv_stem.first_conv', { kernelSize: 3, filters: wide, strides: 2 });
  if (!config.firstLayerIsExpansion) x = add(x, 'conv_stem.expand_1x1', { kernelSize: 1, filters: wide });
  x = add(x, 'conv_stem.conv_3x3', { kernelSize: 3, filters: wide, isDepthwise: true });
  x = add(x, 'conv_stem.reduce_1x1', { kernelSize: 1, filters: scaled(CHANNELS[0]!), activation: 'none' });
  x = named(x, 'conv_stem');
  steps(config.outputStride).forEach((step, i) => {
    x = invertedResidual(x, { name: `layer.${i}`, filters: scaled(CHANNELS[i + 1]!), ...step }, config, add);
  });
  x = add(x, 'conv_1x1', { kernelSize: 1, filters: headChannels(config) });
  x = applied(new GlobalAveragePooling2D({ name: 'pooler' }), x);
  if (config.classifierDropoutProb > 0) {
    x = applied(new Dropout({ name: 'dropout', rate: config.classifierDropoutProb }), x);
  }
  const head = tfl.layers.dense({ name: 'classifier', units: config.classNames.length, kernelInitializer: 'zeros' });
  const model = tfl.model({ inputs: image, outputs: applied(head, x), name: config.modelType });
  setModelConfig(model, config);
  return model;
}
