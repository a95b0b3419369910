import * as tf from '@tensorflow/tfjs-core';

export type Size = readonly [height: number, width: number];

/** Brings the middle dimension of x, taken as [outer, from, inner], to another size. */
type AlongAxis = (x: tf.Tensor, shape: readonly [outer: number, from: number, inner: number], to: number) => tf.Tensor;

function resample(x: tf.Tensor4D, [toHeight, toWidth]: Size, along: AlongAxis): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const rows = height === toHeight ? x : along(x, [batch, height, width * channels], toHeight);
  const cells = width === toWidth ? rows : along(rows, [batch * toHeight, width, channels], toWidth);
  return tf.reshape(cells, [batch, toHeight, toWidth, channels]);
}

/** By a constant matrix, so that it has a gradient on every backend. */
function multiply(
  x: tf.Tensor,
  [outer, from, inner]: readonly [number, number, number],
  to: number,
  weight: (to: number, from: number) => number,
): tf.Tensor {
  const matrix = Float32Array.from({ length: to * from }, (_, i) => weight(Math.floor(i / from), i % from));
  return tf.matMul(tf.tensor3d(matrix, [1, to, from]), tf.reshape(x, [outer, from, inner]));
}

/** Adaptive average pooling: cell i is the mean of the rows from `floor(i * from / to)` to `ceil((i + 1) * from / to)`. */
export function averagePool(x: tf.Tensor4D, size: Size): tf.Tensor4D {
  return resample(x, size, (x, shape, to) => {
    const [outer, from, inner] = shape;
    if (from % to === 0) return tf.mean(tf.reshape(x, [outer * to, from / to, inner]), 1);
    return multiply(x, shape, to, (cell, row) => {
      const [start, end] = [Math.floor((cell * from) / to), Math.ceil(((cell + 1) * from) / to)];
      return row >= start && row < end ? 1 / (end - start) : 0;
    });
  });
}

/** Nearest neighbour: cell i is the row `floor(i * from / to)`, as PyTorch's `mode='nearest'`. */
export function nearest(x: tf.Tensor4D, size: Size): tf.Tensor4D {
  return resample(x, size, (x, shape, to) => {
    const [outer, from, inner] = shape;
    if (to % from === 0) return tf.mul(tf.reshape(x, [outer * from, 1, inner]), tf.ones([1, to / from, 1]));
    return multiply(x, shape, to, (cell, row) => Number(row === Math.floor((cell * from) / to)));
  });
}

/** Both at the smaller height and the smaller width. */
export function toSameSize(a: tf.Tensor4D, b: tf.Tensor4D): [tf.Tensor4D, tf.Tensor4D] {
  const size = [Math.min(a.shape[1], b.shape[1]), Math.min(a.shape[2], b.shape[2])] as const;
  return [averagePool(a, size), averagePool(b, size)];
}
