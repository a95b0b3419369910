import * as tf from '@tensorflow/tfjs-core';
import { type Convolution, type ConvolutionOptions, convolve } from './convolve.ts';
import { gradientCanvas, mapTaps, tapOf } from './taps.ts';

const CONV2D: Convolution = {
  name: 'conv2d',
  imageKernel: 'Conv2DBackpropInput',
  filterKernel: 'Conv2DBackpropFilter',
  forward: (input, filter, { strides, kernelPadding, dilations }) =>
    tf.conv2d(input, filter, strides, kernelPadding, 'NHWC', dilations),
  imageGradient(dy, filter, windows) {
    const flipped = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]) as tf.Tensor4D;
    return tf.conv2d(gradientCanvas(dy, windows), flipped, 1, 'valid', 'NHWC', windows.dilations);
  },
  filterGradient(dy, padded, filterShape, windows) {
    const [, , channels, outputs] = filterShape;
    const upstream = tf.reshape(dy, [-1, outputs]);
    const taps = mapTaps(windows, (top, left) =>
      tf.tidy(() => {
        const seen = tf.reshape(tapOf(padded, top, left, windows), [-1, channels]);
        // Not matMul's own transposition, which is many times slower on a plain WebAssembly backend.
        return tf.matMul(tf.transpose(seen), upstream);
      }),
    );
    return tf.reshape(tf.stack(taps), filterShape);
  },
};

/**
 * Two-dimensional convolution with any stride and padding, on every backend.
 *
 * `output[n, i, j, o] = sum_{a, b, c} x[n, i s + a d - top, j s + b d - left, c] filter[a, b, c, o]`,
 * `s` the stride, `d` the dilation
 *
 * Both gradients are TF.js' kernels where the backend has them, else made of other operations: TF.js' own `conv2d` has
 * none for the filter on WebAssembly and none with dilations, and tfjs-node takes no numbers as padding. Only those that
 * are asked for are computed.
 *
 * @param x float32 [batch, height, width, channels]
 * @param filter float32 [height, width, channels, outputs]
 * @returns float32 [batch, height, width, outputs]
 * @throws {KdError} SHAPE_MISMATCH if shapes do not fit; INVALID_ARGUMENT if an option is out of range
 *
 * Reference: `tf.nn.conv2d`, `torch.nn.functional.conv2d`; value and gradients checked against doubles.
 *
 * @example
 * import { conv2d } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const x = tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
 * const y = conv2d(x, tf.ones([3, 3, 1, 1]), { strides: 2, padding: 1 });
 * console.log(Array.from(y.dataSync())); // [ 4, 6, 6, 9 ]
 */
export function conv2d(x: tf.Tensor4D, filter: tf.Tensor4D, options: ConvolutionOptions = {}): tf.Tensor4D {
  return convolve(CONV2D, x, filter, options);
}
