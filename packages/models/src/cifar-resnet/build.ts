import * as tfl from '@tensorflow/tfjs-layers';
import { BATCH_NORM_DEFAULTS } from '../layers/batch-normalization.ts';
import { applied, type ConvolutionBlock, convolutionBlock } from '../layers/convolution-block.ts';
import { GlobalAveragePooling2D } from '../layers/pooling.ts';
import { setModelConfig } from '../model-config.ts';
import type { CifarResnetConfig } from './config.ts';

type Symbolic = tfl.SymbolicTensor;
type Convolution = Pick<ConvolutionBlock, 'names' | 'filters' | 'kernelSize' | 'strides' | 'activation'>;

function convolution(x: Symbolic, block: Convolution): Symbolic {
  return convolutionBlock(x, { batchNorm: BATCH_NORM_DEFAULTS, ...block });
}

/** Every second pixel, and channels of zeros on both sides: "option A", of TF.js' own layers. */
function subsampled(x: Symbolic, name: string, filters: number): Symbolic {
  const half = tfl.layers.averagePooling2d({ name: `${name}.pixels`, poolSize: 1, strides: 2 });
  const swap = (part: string): tfl.layers.Layer => tfl.layers.permute({ name: `${name}.${part}`, dims: [3, 2, 1] });
  const missing = filters - x.shape[3]!;
  const sides: [number, number] = [Math.floor(missing / 2), Math.ceil(missing / 2)];
  const pad = tfl.layers.zeroPadding2d({ name: `${name}.zeros`, padding: [sides, [0, 0]] });
  return [half, swap('channels_first'), pad, swap('channels_last')].reduce((y, layer) => applied(layer, y), x);
}

interface Block {
  name: string;
  /** Of the block's output. */
  output: string;
  filters: number;
  strides: number;
}

function block(x: Symbolic, { name, output, filters, strides }: Block, config: CifarResnetConfig): Symbolic {
  const names = (i: 1 | 2): ConvolutionBlock['names'] => ({
    convolution: `${name}.conv${i}`,
    normalization: `${name}.bn${i}`,
    activation: `${name}.relu${i}`,
  });
  let long = convolution(x, { names: names(1), kernelSize: 3, filters, strides, activation: 'relu' });
  long = convolution(long, { names: names(2), kernelSize: 3, filters, activation: 'none' });
  let short = x;
  if (strides > 1 && config.shortcut === 'identity') short = subsampled(x, `${name}.shortcut`, filters);
  if (strides > 1 && config.shortcut === 'convolution') {
    const parts = { convolution: `${name}.downsample.0`, normalization: `${name}.downsample.1`, activation: '' };
    short = convolution(x, { names: parts, kernelSize: 1, filters, strides, activation: 'none' });
  }
  const sum = applied(tfl.layers.add({ name: `${name}.residual` }), [long, short]);
  return applied(tfl.layers.reLU({ name: output }), sum);
}

/** The model of a config, its weights still zeros. */
export function buildCifarResnet(config: CifarResnetConfig): tfl.LayersModel {
  const image = tfl.input({ shape: [null, null, config.numChannels], name: 'image' });
  const stem = { convolution: 'conv1', normalization: 'bn1', activation: 'relu' };
  let x = convolution(image, { names: stem, kernelSize: 3, filters: 16 * config.width, activation: 'relu' });
  const blocks = (config.depth - 2) / 6;
  [16, 32, 64].forEach((filters, stage) => {
    for (let i = 0; i < blocks; i++) {
      const name = `layer${stage + 1}.${i}`;
      const output = i === blocks - 1 ? `layer${stage + 1}` : name;
      const strides = stage > 0 && i === 0 ? 2 : 1;
      x = block(x, { name, output, filters: filters * config.width, strides }, config);
    }
  });
  x = applied(new GlobalAveragePooling2D({ name: 'avgpool' }), x);
  const head = tfl.layers.dense({ name: 'fc', units: config.classNames.length, kernelInitializer: 'zeros' });
  const model = tfl.model({ inputs: image, outputs: applied(head, x), name: config.modelType });
  setModelConfig(model, config);
  return model;
}
