import type { Node, Value } from '../graph/graph.ts';
import type { GraphEditor } from './graph-editor.ts';

/** A local change of a graph that keeps what it computes. */
export interface RewriteRule {
  name: string;
  /** Kernels that are the last one of its pattern. */
  ops: readonly string[];
  /** @returns whether it has changed something; the node may be gone then */
  apply(node: Node, editor: GraphEditor): boolean;
}

/** The node that makes a value, if it is of this kernel and the value its first output. */
export function madeBy(value: Value | undefined, ...ops: string[]): Node | undefined {
  const node = value?.node;
  return node && value.index === 0 && ops.includes(node.op) ? node : undefined;
}

/** The two inputs of a kernel of which the order does not matter, both ways round. */
export function eitherWay({ ins }: Node): [Value, Value][] {
  return [
    [ins.a!, ins.b!],
    [ins.b!, ins.a!],
  ];
}

/** Applies rules until none fits any more. */
export function applyRules(editor: GraphEditor, rules: readonly RewriteRule[]): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of editor.nodes) {
      for (const rule of rules) {
        if (editor.nodes.has(node) && rule.ops.includes(node.op) && rule.apply(node, editor)) changed = true;
      }
    }
  }
}
