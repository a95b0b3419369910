import * as tf from '@tensorflow/tfjs-core';
import { type Convolution, type ConvolutionOptions, convolve } from './convolve.ts';
import { gradientCanvas, mapTaps, tapOf } from './taps.ts';

const DEPTHWISE_CONV2D: Convolution = {
  name: 'depthwiseConv2d',
  imageKernel: 'DepthwiseConv2dNativeBackpropInput',
  filterKernel: 'DepthwiseConv2dNativeBackpropFilter',
  forward: (input, filter, { strides, kernelPadding, dilations }) =>
    tf.depthwiseConv2d(input, filter, strides, kernelPadding, 'NHWC', dilations),
  imageGradient(dy, filter, windows) {
    const [rows, columns, channels, multiplier] = filter.shape;
    const flipped = tf.reshape(tf.reverse(filter, [0, 1]), [rows, columns, channels * multiplier, 1]) as tf.Tensor4D;
    const each = tf.depthwiseConv2d(gradientCanvas(dy, windows), flipped, 1, 'valid', 'NHWC', windows.dilations);
    if (multiplier === 1) return each;
    return tf.reshape(tf.sum(tf.reshape(each, [-1, multiplier]), 1), [dy.shape[0], ...windows.inputSize, channels]);
  },
  filterGradient(dy, padded, filterShape, windows) {
    const [, , channels, multiplier] = filterShape;
    const upstream = tf.reshape(dy, [-1, channels, multiplier]);
    const taps = mapTaps(windows, (top, left) =>
      tf.tidy(() => {
        const seen = tf.reshape(tapOf(padded, top, left, windows), [-1, channels, 1]);
        return tf.sum(tf.mul(seen, upstream), 0);
      }),
    );
    return tf.reshape(tf.stack(taps), filterShape);
  },
};

/**
 * Two-dimensional convolution of each channel by itself, with any stride and padding, on every backend.
 *
 * `output[n, i, j, c m + q] = sum_{a, b} x[n, i s + a d - top, j s + b d - left, c] filter[a, b, c, q]`,
 * `m` the channel multiplier, `s` the stride, `d` the dilation
 *
 * Gradients as those of `conv2d`: TF.js' own has none on WebAssembly.
 *
 * @param x float32 [batch, height, width, channels]
 * @param filter float32 [height, width, channels, multiplier]
 * @returns float32 [batch, height, width, channels * multiplier]
 * @throws {KdError} SHAPE_MISMATCH if shapes do not fit; INVALID_ARGUMENT if an option is out of range
 *
 * Reference: `tf.nn.depthwise_conv2d`; value and gradients checked against doubles.
 *
 * @example
 * import { depthwiseConv2d } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const x = tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
 * const y = depthwiseConv2d(x, tf.ones([3, 3, 1, 1]), { strides: 2, padding: 'same' });
 * console.log(Array.from(y.dataSync())); // [ 9, 6, 6, 4 ]
 */
export function depthwiseConv2d(x: tf.Tensor4D, filter: tf.Tensor4D, options: ConvolutionOptions = {}): tf.Tensor4D {
  return convolve(DEPTHWISE_CONV2D, x, filter, options);
}
