import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { Graph } from '../graph/graph.ts';
import { optimizeGraph } from '../passes/optimize-graph.ts';
import { type TraceResult, traceFunction } from '../trace/trace-function.ts';
import { expectClose } from './expect-close.ts';
import { replayGraph } from './replay-graph.ts';

/**
 * Asserts that a function, traced and replayed kernel by kernel on the current backend, gives what it gives eagerly, to the
 * last bit; and within a tolerance after the passes.
 *
 * @param tolerance after the passes, relative to the largest value. @default 1e-6
 * @param traced before them. @default 0
 * @returns the graph as traced
 */
export function expectSameRun(
  fn: (...args: tf.Tensor[]) => TraceResult,
  args: tf.Tensor[],
  tolerance = 1e-6,
  traced = 0,
): Graph {
  const graph = traceFunction(
    fn,
    args.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  const values = Object.fromEntries(args.map((arg, i) => [`argument${i}`, arg]));
  tf.tidy(() => {
    const result = fn(...args);
    const expected = result instanceof tf.Tensor ? [result] : Object.values(result);
    for (const [run, allowed] of [
      [graph, traced],
      [optimizeGraph(graph), tolerance],
    ] as const) {
      const actual = Object.values(replayGraph(run, values));
      expect(actual.length).toBe(expected.length);
      for (const [i, tensor] of expected.entries()) {
        expectClose(actual[i]!, tensor, allowed, `output ${i}${run === graph ? '' : ' after the passes'}`);
      }
    }
  });
  return graph;
}
