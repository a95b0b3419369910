import * as tf from '@tensorflow/tfjs-core';
import { opError } from '../errors.ts';
import { hasKernels, runKernel } from '../kernel.ts';
import { kernelInput, padImage, unpadImage } from './taps.ts';
import { checkImages, type Padding, type Pair, resolveWindows, type Windows } from './windows.ts';

export interface ConvolutionOptions {
  /** One number, or [height, width]. @default 1 */
  strides?: Pair;
  /** `'same'` as TensorFlow, `'valid'`, a number as PyTorch, or [[top, bottom], [left, right]]. @default 'valid' */
  padding?: Padding;
  /** Distance of a window's rows and columns; above 1 only with strides 1. @default 1 */
  dilations?: Pair;
}

/** What the two convolutions do differently. */
export interface Convolution {
  name: 'conv2d' | 'depthwiseConv2d';
  /** Names of TF.js' kernels for the gradients. */
  imageKernel: string;
  filterKernel: string;
  forward(input: tf.Tensor4D, filter: tf.Tensor4D, windows: Windows): tf.Tensor4D;
  /** The gradients, made of other operations. */
  imageGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, windows: Windows): tf.Tensor4D;
  filterGradient(
    dy: tf.Tensor4D,
    padded: tf.Tensor4D,
    filterShape: tf.Tensor4D['shape'],
    windows: Windows,
  ): tf.Tensor4D;
}

/** The part of the engine that its types hide: what `tf.customGrad` calls. */
interface Engine {
  runKernelFunc(call: {
    inputs: Record<string, tf.Tensor>;
    forwardFunc: (backend: tf.KernelBackend, save: (tensors: tf.Tensor[]) => void) => tf.Tensor;
    backwardsFunc: (dy: tf.Tensor4D, saved: tf.Tensor4D[]) => Record<string, () => tf.Tensor>;
  }): tf.Tensor;
}

/** Runs a convolution with gradients: TF.js' kernels where the backend has them, else made of other operations. */
export function convolve(
  kind: Convolution,
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { strides = 1, padding = 'valid', dilations = 1 }: ConvolutionOptions,
): tf.Tensor4D {
  checkImages(kind.name, x);
  if (filter.rank !== 4 || filter.shape[2] !== x.shape[3]) {
    const message =
      `${kind.name}: filter must be [height, width, ${x.shape[3]}, outputs] for x [${x.shape}], ` +
      `got [${filter.shape}]`;
    throw opError('SHAPE_MISMATCH', message, { x: x.shape, filter: filter.shape });
  }
  const field = [filter.shape[0], filter.shape[1]] as const;
  const windows = resolveWindows(kind.name, x, field, { strides, padding, dilations });
  const { kernelPadding: pad, inputSize, paddedSize } = windows;
  const attrs = { strides: windows.strides, pad, dataFormat: 'NHWC', dilations: [1, 1] };
  const canRun = (kernel: string) => Math.max(...windows.dilations) === 1 && hasKernels(kernel);
  return tf.tidy(() =>
    // Not tf.customGrad, which computes all gradients at once: a first layer needs none for its image, a frozen one none
    // for its filter, and each costs as much as the convolution.
    (tf.engine() as unknown as Engine).runKernelFunc({
      inputs: { x, filter },
      forwardFunc: (_, save) => {
        save([x, filter]);
        return kind.forward(kernelInput(x, windows), filter, windows);
      },
      backwardsFunc: (dy, [image, weights]) => ({
        x: () => {
          if (!canRun(kind.imageKernel)) return kind.imageGradient(dy, weights!, windows);
          const inputShape = [x.shape[0], ...(pad === 'same' ? inputSize : paddedSize), x.shape[3]];
          const [dx] = runKernel(kind.imageKernel, { dy, filter: weights! }, { ...attrs, inputShape });
          return unpadImage(dx as tf.Tensor4D, windows);
        },
        filter: () => {
          const filterShape = weights!.shape;
          if (!canRun(kind.filterKernel)) {
            return kind.filterGradient(dy, padImage(image!, windows), filterShape, windows);
          }
          return runKernel(kind.filterKernel, { x: kernelInput(image!, windows), dy }, { ...attrs, filterShape })[0]!;
        },
      }),
    }),
  ) as tf.Tensor4D;
}
