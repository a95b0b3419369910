import type { Node } from '../graph/graph.ts';
import type { GraphEditor } from './graph-editor.ts';

/** A local change of a graph that keeps what it computes. */
export interface RewriteRule {
  name: string;
  /** Kernels that are the last one of its pattern. */
  ops: readonly string[];
  /** @returns whether it has changed something; the node may be gone then */
  apply(node: Node, editor: GraphEditor): boolean;
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
