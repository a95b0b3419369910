import * as tfl from '@tensorflow/tfjs-layers';
import { BatchNormalization, type BatchNormConfig } from './batch-normalization.ts';
import { Conv2D, type ConvolutionConfig, DepthwiseConv2D, DilatedDepthwiseConv2D } from './convolution.ts';
import { ReLU6 } from './relu6.ts';

/** A layer, applied. */
export function applied(layer: tfl.layers.Layer, x: tfl.SymbolicTensor | tfl.SymbolicTensor[]): tfl.SymbolicTensor {
  return layer.apply(x) as tfl.SymbolicTensor;
}

export interface ConvolutionBlock {
  /** Names of the layers; that of the activation is tapped. */
  names: { convolution: string; normalization: string; activation: string };
  /** Outputs; of a depthwise convolution as many as inputs. */
  filters: number;
  kernelSize: number;
  /** @default 1 */
  strides?: number;
  /** @default 1 */
  dilation?: number;
  /** Whether each channel is convolved by itself. @default false */
  isDepthwise?: boolean;
  /**
   * `'same'` as TensorFlow means it, `'symmetric'` as PyTorch's `kernel_size // 2` on every side: for strides above 1 they
   * differ. @default 'symmetric'
   */
  padding?: 'same' | 'symmetric';
  batchNorm: BatchNormConfig;
  activation: 'relu' | 'relu6' | 'none';
}

/** Zeros on every side. */
export function padded(x: tfl.SymbolicTensor, name: string, amount: number): tfl.SymbolicTensor {
  const sides: [number, number] = [amount, amount];
  return applied(tfl.layers.zeroPadding2d({ name, padding: [sides, sides] }), x);
}

/** Convolution without bias, batch-norm, and activation. */
export function convolutionBlock(
  x: tfl.SymbolicTensor,
  {
    names,
    strides = 1,
    dilation = 1,
    isDepthwise,
    padding = 'symmetric',
    batchNorm,
    activation,
    ...block
  }: ConvolutionBlock,
): tfl.SymbolicTensor {
  const isPadded = padding === 'symmetric' && strides > 1 && block.kernelSize > 1;
  const config: ConvolutionConfig = {
    ...block,
    name: names.convolution,
    strides,
    dilationRate: dilation,
    padding: isPadded ? 'valid' : 'same', // with strides 1 both paddings are the same
  };
  const input = isPadded ? padded(x, `${names.convolution}.padding`, Math.floor(block.kernelSize / 2)) : x;
  const Depthwise = dilation > 1 ? DilatedDepthwiseConv2D : DepthwiseConv2D;
  let y = applied(isDepthwise ? new Depthwise(config) : new Conv2D(config), input);
  y = applied(new BatchNormalization({ name: names.normalization, ...batchNorm }), y);
  if (activation === 'none') return y;
  const name = names.activation;
  return applied(activation === 'relu' ? tfl.layers.reLU({ name }) : new ReLU6({ name }), y);
}

/** Hugging Face's names of a block's parts. */
export function blockNames(name: string): ConvolutionBlock['names'] {
  return { convolution: `${name}.convolution`, normalization: `${name}.normalization`, activation: name };
}
