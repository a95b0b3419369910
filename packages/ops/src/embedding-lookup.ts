import * as tf from '@tensorflow/tfjs-core';
import { opError } from './errors.ts';
import { hasKernels } from './kernel.ts';

/**
 * Rows of a table, as for embeddings of tokens or positions.
 *
 * `output[i] = table[indices[i]]`; the gradient of a row is the sum of those of its uses
 *
 * The gradient is `UnsortedSegmentSum` where the backend has it, else a product with one-hot rows: TF.js' `gather` has
 * none on WebAssembly.
 *
 * @param table float32 [rows, depth]
 * @param indices int32, any shape, each in [0, rows): not checked, as that would wait for the device
 * @returns float32 [...indices, depth]
 * @throws {KdError} SHAPE_MISMATCH if the table has another rank; INVALID_ARGUMENT if indices are not int32
 *
 * @example
 * import { embeddingLookup } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const table = tf.tensor2d([[1, 2], [3, 4]]);
 * console.log(embeddingLookup(table, tf.tensor1d([1, 1], 'int32')).arraySync()); // [ [ 3, 4 ], [ 3, 4 ] ]
 */
export function embeddingLookup(table: tf.Tensor2D, indices: tf.Tensor): tf.Tensor {
  if (table.rank !== 2) {
    const message = `embeddingLookup: table must be [rows, depth], got [${table.shape}]`;
    throw opError('SHAPE_MISMATCH', message, { table: table.shape });
  }
  if (indices.dtype !== 'int32') {
    const message = `embeddingLookup: indices must be int32, got ${indices.dtype}`;
    throw opError('INVALID_ARGUMENT', message, { dtype: indices.dtype });
  }
  const [rows, depth] = table.shape;
  const lookup = tf.customGrad((source, save) => {
    const flat = tf.reshape(indices, [indices.size]) as tf.Tensor1D;
    (save as (tensors: tf.Tensor[]) => void)([flat]);
    return {
      value: tf.reshape(tf.gather(source as tf.Tensor2D, flat), [...indices.shape, depth]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const uses = saved[0] as tf.Tensor1D;
        const upstream = tf.reshape(dy, [-1, depth]);
        if (hasKernels('UnsortedSegmentSum')) return tf.unsortedSegmentSum(upstream, uses, rows);
        // Not oneHot(…, 'float32'), which writes integers on WebAssembly.
        return tf.matMul(tf.cast(tf.oneHot(uses, rows), 'float32'), upstream, true, false);
      },
    };
  });
  return lookup(table);
}
