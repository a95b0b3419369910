import * as tf from '@tensorflow/tfjs-core';
import { backendError } from '../errors.ts';
import { replaceKernel, undoAll } from '../registry.ts';

/** What we use of TF.js' WebGL backend beyond its public types. */
interface WebglBackend extends tf.KernelBackend {
  disposeIntermediateTensorInfo(info: tf.TensorInfo): void;
}

interface MatMulAttributes {
  transposeA?: boolean;
  transposeB?: boolean;
}

/** Makes one dimension of a matrix, or of a batch of them, longer by one: by zeros. */
function padded(x: tf.TensorInfo, axis: number, backend: WebglBackend): tf.TensorInfo {
  const paddings = x.shape.map((_, i) => [0, i === axis ? 1 : 0]);
  const { kernelFunc } = tf.getKernel('PadV2', 'webgl');
  return kernelFunc({ inputs: { x }, attrs: { paddings, constantValue: 0 } as never, backend }) as tf.TensorInfo;
}

/** The kernel, never with an odd dimension to sum over. */
const withEvenSum =
  (original: tf.KernelFunc | undefined): tf.KernelFunc =>
  ({ inputs, attrs, backend }) => {
    const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    const { transposeA = false, transposeB = false } = attrs as MatMulAttributes;
    const axisOfA = a.shape.length - (transposeA ? 2 : 1);
    const axisOfB = b.shape.length - (transposeB ? 1 : 2);
    if (a.shape[axisOfA]! % 2 === 0) return original!({ inputs, attrs: attrs!, backend });
    const webgl = backend as WebglBackend;
    const even = { a: padded(a, axisOfA, webgl), b: padded(b, axisOfB, webgl) };
    const product = original!({ inputs: { ...inputs, ...even }, attrs: attrs!, backend });
    for (const each of Object.values(even)) webgl.disposeIntermediateTensorInfo(each);
    return product;
  };

/**
 * Completes TF.js' WebGL backend for training. It must be the current backend.
 *
 * Repairs products of matrices that sum over an odd number of terms, `[n, 3] x [3, m]`. TF.js keeps matrices in blocks of 2 x 2
 * and its product also adds what is beside an odd matrix, which is 0 as long as it was uploaded, but not behind `exp`, `sigmoid`,
 * `1 - x` or `clipByValue`. So with an odd number of classes the gradients of a classifier are wrong from the second step on,
 * by some percent and without a word. Both matrices get one more row or column of zeros.
 *
 * @returns puts the backend's own kernels back
 * @throws {KdError} NOT_FOUND if the current backend is another
 *
 * @example
 * import { completeWebgl } from '@kd/backend';
 * import * as tf from '@tensorflow/tfjs';
 * await tf.setBackend('cpu'); // in a browser 'webgl', or await tf.ready()
 * if (tf.getBackend() === 'webgl') completeWebgl();
 * console.log(tf.getBackend()); // cpu
 */
export function completeWebgl(): () => void {
  if (tf.getBackend() !== 'webgl') {
    throw backendError(
      `completeWebgl: the current backend is '${tf.getBackend()}'; call await tf.setBackend('webgl') first`,
    );
  }
  return undoAll(['BatchMatMul', '_FusedMatMul'].map((kernel) => replaceKernel('webgl', kernel, withEvenSum)));
}
