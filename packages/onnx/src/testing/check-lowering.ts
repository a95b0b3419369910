import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { optimizeGraph } from '../passes/optimize-graph.ts';
import { traceFunction } from '../trace/trace-function.ts';
import { type CheckOptions, checkGraph } from './check-graph.ts';

type Result = tf.Tensor | tf.Tensor[] | Record<string, tf.Tensor>;

const listed = (result: Result): tf.Tensor[] => (result instanceof tf.Tensor ? [result] : Object.values(result));

/**
 * Asserts that a TF.js function, traced, lowered and run by onnxruntime-node, gives what it gives on the cpu backend.
 *
 * @param args of TF.js' cpu backend, which must be current
 * @param options.expected to compare with instead
 */
export async function checkLowering(
  fn: (...args: tf.Tensor[]) => Result,
  args: readonly tf.Tensor[],
  { expected: known, ...options }: CheckOptions & { expected?: tf.Tensor[] } = {},
): Promise<void> {
  const expected = known ?? listed(tf.tidy(() => fn(...args) as tf.TensorContainer) as Result);
  const graph = traceFunction(
    fn,
    args.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  const values = await Promise.all(args.map((arg) => arg.data()));
  await checkGraph(optimizeGraph(graph), values, expected, options);
  tf.dispose(expected);
}
