import type { Node, Value } from './graph.ts';

/** Whether a value is computed from what one of these nodes gives. */
export function dependsOn(value: Value, nodes: readonly Node[]): boolean {
  const seen = new Set<Node>();
  const waiting = value.node ? [value.node] : [];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (nodes.includes(node)) return true;
    if (seen.has(node)) continue;
    seen.add(node);
    for (const input of Object.values(node.ins)) if (input.node) waiting.push(input.node);
  }
  return false;
}
