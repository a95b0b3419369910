import * as tf from '@tensorflow/tfjs-core';
import { opError } from '../errors.ts';
import { hasKernels, runKernel } from '../kernel.ts';
import { kernelInput, mapTaps, padImage, place, spread, tapOf, unpadImage } from './taps.ts';
import { checkImages, type Padding, type Pair, resolveWindows, type Windows } from './windows.ts';

export interface MaxPoolOptions {
  /** Of a window: one number, or [height, width]. */
  size: Pair;
  /** One number, or [height, width]. @default size */
  strides?: Pair;
  /** As of `conv2d`, less than a window; what it adds is never the largest. @default 'valid' */
  padding?: Padding;
}

// The least float32: infinities do not survive in every shader.
const LEAST = -3.4028234663852886e38;

const triedKernels = new WeakMap<object, boolean>();

/**
 * Whether the backend has a kernel that is right. WebAssembly's own is not: a window without positive values passes its
 * gradient to its first position. `@kd/backend` repairs it, so it is tried, once.
 */
function hasRightKernel(): boolean {
  if (tf.getBackend() !== 'wasm') return hasKernels('MaxPoolGrad');
  const kernel = tf.getKernel('MaxPoolGrad', 'wasm')?.kernelFunc;
  if (!kernel) return false;
  const known = triedKernels.get(kernel);
  if (known !== undefined) return known;
  const isRight = tf.tidy(() => {
    const input = tf.tensor4d([-2, -1], [1, 1, 2, 1]);
    const output = tf.tensor4d([-1], [1, 1, 1, 1]);
    const attrs = { filterSize: [1, 2], strides: [1, 2], pad: 'valid' };
    return runKernel('MaxPoolGrad', { dy: output, input, output }, attrs)[0]!.dataSync()[1] === -1;
  });
  triedKernels.set(kernel, isRight);
  return isRight;
}

/** The gradient where the backend has no kernel: the first of the largest values in a window gets all of it. */
function imageGradient(dy: tf.Tensor4D, padded: tf.Tensor4D, y: tf.Tensor4D, windows: Windows): tf.Tensor4D {
  const none = tf.zerosLike(dy);
  let rest = tf.clone(dy); // what no position of a window has taken yet
  let sum = tf.zerosLike(padded);
  mapTaps(windows, (top, left) => {
    const before = [rest, sum];
    [rest, sum] = tf.tidy(() => {
      const isLargest = tf.equal(tapOf(padded, top, left, windows), y);
      const taken = spread(tf.where(isLargest, rest, none), windows);
      return [tf.where(isLargest, none, rest), tf.add(sum, place(taken, [top, left], windows.paddedSize))];
    });
    tf.dispose(before); // nine images are too many to keep
  });
  return unpadImage(sum, windows);
}

/**
 * The largest value of each window, with padding as in PyTorch too.
 *
 * `output[n, i, j, c] = max_{a, b} x[n, i stride + a - top, j stride + b - left, c]`, positions outside of x left out
 *
 * The gradient goes to the first of the largest values of a window, by TF.js' kernel where the backend has a right one.
 *
 * @param x float32 [batch, height, width, channels]
 * @returns float32 [batch, height, width, channels]
 * @throws {KdError} SHAPE_MISMATCH if shapes do not fit; INVALID_ARGUMENT if an option is out of range
 *
 * Reference: `torch.nn.functional.max_pool2d`, `tf.nn.max_pool2d`; value and gradient checked against doubles.
 *
 * @example
 * import { maxPool } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const x = tf.tensor4d([-1, -2, -3, -4], [1, 2, 2, 1]);
 * const y = maxPool(x, { size: 3, strides: 2, padding: 1 });
 * console.log(Array.from(y.dataSync())); // [ -1 ]
 */
export function maxPool(x: tf.Tensor4D, { size, strides = size, padding = 'valid' }: MaxPoolOptions): tf.Tensor4D {
  checkImages('maxPool', x);
  const windows = resolveWindows('maxPool', x, size, { strides, padding });
  const { field, before, after, kernelPadding: pad } = windows;
  if (field.some((reach, i) => Math.max(before[i]!, after[i]!) >= reach)) {
    const message = `maxPool: padding ${JSON.stringify(padding)} must be less than the window [${field}]`;
    throw opError('INVALID_ARGUMENT', message, { size, padding });
  }
  const pool = tf.customGrad((...args) => {
    const save = args[1] as unknown as (tensors: tf.Tensor[]) => void;
    const output = tf.maxPool(kernelInput(x, windows, LEAST), field, windows.strides, pad);
    save([x, output]);
    return {
      value: output,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [image, y] = saved as [tf.Tensor4D, tf.Tensor4D];
        if (!hasRightKernel()) {
          return imageGradient(dy as tf.Tensor4D, padImage(image, windows, LEAST), y, windows);
        }
        const attrs = { filterSize: field, strides: windows.strides, pad };
        const [dx] = runKernel('MaxPoolGrad', { dy, input: kernelInput(image, windows, LEAST), output: y }, attrs);
        return unpadImage(dx as tf.Tensor4D, windows);
      },
    };
  });
  return tf.tidy(() => pool(x)) as tf.Tensor4D;
}
