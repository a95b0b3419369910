import * as tf from '@tensorflow/tfjs-core';
import type { Windows } from './windows.ts';

/** Adds what the windows see around an image; the image itself if that is nothing. */
export function padImage(x: tf.Tensor4D, { before, paddedSize, inputSize }: Windows, value = 0): tf.Tensor4D {
  const amounts = before.map((amount, i): [number, number] => [amount, paddedSize[i]! - inputSize[i]! - amount]);
  if (amounts.every(([start, end]) => start === 0 && end === 0)) return x;
  return tf.pad(x, [[0, 0], ...amounts, [0, 0]], value);
}

/** What a kernel of TF.js is to be given. */
export const kernelInput = (x: tf.Tensor4D, windows: Windows, value = 0): tf.Tensor4D =>
  windows.kernelPadding === 'same' ? x : padImage(x, windows, value);

/** Takes the image out of what a kernel of TF.js gave for `kernelInput`. */
export function unpadImage(x: tf.Tensor4D, { before, inputSize }: Windows): tf.Tensor4D {
  if (x.shape[1] === inputSize[0] && x.shape[2] === inputSize[1]) return x;
  return tf.slice(x, [0, ...before, 0], [x.shape[0], ...inputSize, x.shape[3]]);
}

/** Visits each position in a window, row by row, as an offset into the padded image. */
export function mapTaps<T>({ field, dilations }: Windows, visit: (top: number, left: number) => T): T[] {
  const [height, width] = field;
  return Array.from({ length: height * width }, (_, i) =>
    visit(Math.floor(i / width) * dilations[0], (i % width) * dilations[1]),
  );
}

/**
 * What every window sees at one of its positions.
 *
 * @param padded [batch, height, width, channels]
 * @returns [batch, ...outputSize, channels]
 */
export function tapOf(padded: tf.Tensor4D, top: number, left: number, windows: Windows): tf.Tensor4D {
  const { outputSize, strides } = windows;
  const [rows, columns] = outputSize.map((count, i) => (count - 1) * strides[i]! + 1) as [number, number];
  const [batch, , , channels] = padded.shape;
  if (Math.max(...strides) === 1) return tf.slice(padded, [0, top, left, 0], [batch, rows, columns, channels]);
  return tf.stridedSlice(
    padded,
    [0, top, left, 0],
    [batch, top + rows, left + columns, channels],
    [1, ...strides, 1],
  ) as tf.Tensor4D;
}

/** Puts the rows and columns of one value for each window as far apart as the windows are, zeros between and behind. */
export function spread(y: tf.Tensor4D, { strides: [down, right] }: Windows): tf.Tensor4D {
  if (down === 1 && right === 1) return y;
  const [batch, rows, columns, channels] = y.shape;
  const apart = tf.pad(tf.reshape(y, [batch * rows, 1, columns, channels]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, (right - 1) * channels],
  ]);
  return tf.reshape(apart, [batch, rows * down, columns * right, channels]);
}

/** Puts an image on an empty canvas, cutting off what lies outside. */
export function place(
  image: tf.Tensor4D,
  [top, left]: [number, number],
  [height, width]: [number, number],
): tf.Tensor4D {
  const [batch, rows, columns, channels] = image.shape;
  const first = [Math.max(0, -top), Math.max(0, -left)] as const;
  const end = [Math.min(rows, height - top), Math.min(columns, width - left)] as const;
  const size = [end[0] - first[0], end[1] - first[1]] as const;
  const isWhole = size[0] === rows && size[1] === columns;
  const cut = isWhole ? image : tf.slice(image, [0, ...first, 0], [batch, ...size, channels]);
  const [above, before] = [Math.max(0, top), Math.max(0, left)];
  const [below, behind] = [height - above - size[0], width - before - size[1]];
  if (Math.max(above, below, before, behind) === 0) return cut;
  return tf.pad(cut, [
    [0, 0],
    [above, below],
    [before, behind],
    [0, 0],
  ]);
}

/**
 * The canvas on which a convolution with the flipped filter gives the gradient of the image: the gradient of the
 * windows, spread, as far from the edges as a window reaches.
 */
export function gradientCanvas(dy: tf.Tensor4D, windows: Windows): tf.Tensor4D {
  const { field, dilations, inputSize, before } = windows;
  const margin = field.map((size, i) => (size - 1) * dilations[i]!) as [number, number];
  return place(
    spread(dy, windows),
    [margin[0] - before[0], margin[1] - before[1]],
    [inputSize[0] + margin[0], inputSize[1] + margin[1]],
  );
}
