import type { Graph, Node, Value } from '../graph/graph.ts';
import { rememberCopy } from '../trace/origin.ts';

/** A graph of new nodes and outputs, so that a pass leaves the one that it was given alone. Inputs and constants are shared. */
export function copyGraph({ nodes, inputs, outputs }: Graph): Graph {
  const copies = new Map<Value, Value>();
  const copyOf = (value: Value): Value => copies.get(value) ?? value;
  const copied = nodes.map((node): Node => {
    const ins = Object.fromEntries(Object.entries(node.ins).map(([name, value]) => [name, copyOf(value)]));
    const copy: Node = { ...node, ins, outs: [] };
    copy.outs = node.outs.map((value) => {
      const out: Value = { ...value, node: copy };
      copies.set(value, out);
      return out;
    });
    rememberCopy(node, copy);
    return copy;
  });
  return {
    nodes: copied,
    inputs: [...inputs],
    outputs: outputs.map((output) => ({ ...output, value: copyOf(output.value) })),
  };
}
