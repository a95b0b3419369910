import type { Graph, Node, Value } from '../graph/graph.ts';

/**
 * The same graph without dead nodes and in an order in which it can run, with some values replaced by others. Nodes keep
 * their order as far as they can.
 *
 * @param replaced values and what stands for them, in any number of steps
 */
export function refresh({ nodes, inputs, outputs }: Graph, replaced: ReadonlyMap<Value, Value> = new Map()): Graph {
  const current = (value: Value): Value => {
    let found = value;
    for (let next = replaced.get(found); next; next = replaced.get(found)) found = next;
    return found;
  };
  const ordered = new Set<Node>();
  const wanted = new Set<Node>();
  const results = outputs.map((output) => ({ ...output, value: current(output.value) }));

  const waiting = results.flatMap(({ value }) => value.node ?? []);
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (wanted.has(node)) continue;
    wanted.add(node);
    for (const [name, value] of Object.entries(node.ins)) {
      const input = current(value);
      node.ins[name] = input;
      if (input.node) waiting.push(input.node);
    }
  }

  // Depth first, without recursion: a network's chain of kernels is longer than JavaScript's stack.
  for (const start of [...nodes, ...wanted]) {
    if (!wanted.has(start)) continue;
    const stack = [start];
    const open = new Set(stack);
    for (let node = stack.at(-1); node; node = stack.at(-1)) {
      const missing = Object.values(node.ins).find((value) => value.node && !ordered.has(value.node))?.node;
      if (missing && !ordered.has(node)) {
        if (open.has(missing)) throw new Error(`refresh: ${missing.op} waits for itself`); // a pass is wrong
        open.add(missing);
        stack.push(missing);
        continue;
      }
      ordered.add(node);
      stack.pop();
    }
  }
  return { nodes: [...ordered], inputs, outputs: results };
}
