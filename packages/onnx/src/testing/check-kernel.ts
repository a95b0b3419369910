import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Graph, Node, Value } from '../graph/graph.ts';
import type { Layout } from '../lower/lowering.ts';
import { type CheckOptions, checkGraph } from './check-graph.ts';

/** One kernel call. Lists of inputs (`Concat`) are called '0', '1', …, as in a graph. */
export interface KernelCall {
  op: string;
  ins: Readonly<Record<string, tf.Tensor>>;
  attrs?: Readonly<Record<string, unknown>>;
}

export interface CheckKernelOptions extends CheckOptions {
  /** Layouts that inputs have before the kernel is lowered, as if another lowering had left them so. */
  forms?: Readonly<Record<string, Layout>>;
  /** What to compare with instead of the cpu backend's kernel: for kernels that it lacks. */
  expected?: () => tf.Tensor[];
  /** Anything else that a pass would have put on the node. */
  node?: Partial<Node>;
  /** Inputs that are constants of the graph and not its inputs. */
  constants?: readonly string[];
}

function runOnCpu({ op, ins, attrs = {} }: KernelCall): tf.Tensor[] {
  const names = Object.keys(ins);
  const inputs = names.every((name, i) => name === String(i)) && names.length ? Object.values(ins) : ins;
  const outputs = tf.engine().runKernel(op, inputs as never, attrs as never) as tf.Tensor | tf.Tensor[];
  return Array.isArray(outputs) ? outputs : [outputs];
}

/** Asserts one kernel call as `checkLowering` does, without a trace. */
export async function checkKernel(call: KernelCall, options: CheckKernelOptions = {}): Promise<void> {
  const { constants = [], forms = {}, expected = () => runOnCpu(call), node: more = {} } = options;
  const want = expected();
  const values = await Promise.all(
    Object.values(call.ins).map((tensor) => tensor.data() as Promise<Float32Array | Int32Array | Uint8Array>),
  );
  const ins: Record<string, Value> = {};
  for (const [i, [name, { shape, dtype }]] of Object.entries(call.ins).entries()) {
    ins[name] = { shape, dtype, ...(constants.includes(name) ? { data: values[i]! } : {}) };
  }
  const node: Node = { op: call.op, attrs: call.attrs ?? {}, ins, outs: [], ...more };
  node.outs = want.map(({ shape, dtype }, index) => ({ shape, dtype, node, index }));
  const names = Object.keys(ins).filter((name) => !constants.includes(name));
  const graph: Graph = {
    nodes: [node],
    inputs: names.map((name) => ({ name: `in_${name}`, kind: 'argument', value: ins[name]! })),
    outputs: node.outs.map((value, i) => ({ name: `out_${i}`, kind: 'result', value })),
  };
  const fed = values.filter((_, i) => !constants.includes(Object.keys(ins)[i]!));
  const asked = Object.fromEntries(Object.entries(forms).map(([name, layout]) => [`in_${name}`, layout]));
  await checkGraph(graph, fed, want, options, asked);
  tf.dispose(want);
}
