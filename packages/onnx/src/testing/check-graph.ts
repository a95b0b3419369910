import * as tf from '@tensorflow/tfjs-core';
import type { Graph } from '../graph/graph.ts';
import { lowerGraph } from '../lower/lower-graph.ts';
import type { Layout, Target } from '../lower/lowering.ts';
import { expectClose } from './expect-close.ts';
import { machineTargets } from './machine-targets.ts';
import { runOnnx } from './run-onnx.ts';

/** What every lowering has to be right for, as far as this machine's processor can run it. */
const TARGETS: readonly Target[] = [...(await machineTargets()), { block: 1, contrib: false }];

export interface CheckOptions {
  /** @default TARGETS */
  targets?: readonly Target[];
  /** Largest difference, relative to the largest value of the output. @default 1e-5 */
  tolerance?: number;
  /** Differences are relative to this at least. @default 0 */
  scale?: number;
}

/** Asserts the outputs of a graph, lowered for each target and run by onnxruntime-node. */
export async function checkGraph(
  graph: Graph,
  values: readonly ArrayLike<number>[],
  expected: readonly tf.Tensor[],
  { targets = TARGETS, tolerance = 1e-5, scale = 0 }: CheckOptions,
  forms: Readonly<Record<string, Layout>> = {},
): Promise<void> {
  for (const target of targets) {
    const actual = await runOnnx(lowerGraph(graph, target, { forms }), values);
    const where = `block ${target.block}${target.contrib === false ? ' without contrib' : ''}`;
    for (const [i, want] of expected.entries()) {
      expectClose(actual[i]!, want, tolerance, `output ${i}, ${where}`, scale);
    }
    tf.dispose(actual);
  }
}
