import * as tf from '@tensorflow/tfjs-core';
import { positionsOf, type Windows } from './windows.ts';

/** The image with what the windows see around it; more, where a window does not reach the end. */
function padToWindows(info: Windows, x: tf.Tensor4D): tf.Tensor4D {
  const { padInfo, outHeight, outWidth, strideHeight, strideWidth, inHeight, inWidth } = info;
  const bottom = (outHeight - 1) * strideHeight + info.effectiveFilterHeight - padInfo.top - inHeight;
  const right = (outWidth - 1) * strideWidth + info.effectiveFilterWidth - padInfo.left - inWidth;
  return tf.pad(x, [
    [0, 0],
    [padInfo.top, Math.max(0, bottom)],
    [padInfo.left, Math.max(0, right)],
    [0, 0],
  ]);
}

/**
 * The gradient of a convolution's filter as other operations of the backend, for where our kernels do not run: no SIMD,
 * threads, or fewer channels than a tile has rows or columns. It is a convolution over the batch whose filter is dy,
 * with as many pixels between its pixels as a stride passes over.
 */
export function composedFilterGradient(info: Windows, x: tf.Tensor4D, dy: tf.Tensor4D): tf.Tensor4D {
  const { filterHeight, filterWidth, inChannels, outChannels, strideHeight, strideWidth } = info;
  return tf.tidy(() => {
    if (positionsOf(info) * inChannels * outChannels === 0) return tf.zeros(info.filterShape);
    const image = tf.transpose(padToWindows(info, x), [3, 1, 2, 0]) as tf.Tensor4D;
    const filter = tf.transpose(dy, [1, 2, 0, 3]) as tf.Tensor4D;
    const result = tf.conv2d(image, filter, 1, 'valid', 'NHWC', [strideHeight, strideWidth]);
    const cut = tf.slice(result, [0, 0, 0, 0], [inChannels, filterHeight, filterWidth, outChannels]);
    return tf.transpose(cut, [1, 2, 0, 3]) as tf.Tensor4D;
  });
}
