import { attributeKey } from '../graph/attribute-key.ts';
import { constantData, sameShape } from '../graph/constants.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import { originOf } from './origin.ts';

const named = (made: Node | Value, otherwise: string): string => {
  const op = originOf(made);
  return op ? `tf.${op}` : otherwise;
};

function constantDifference(a: Value, b: Value): string | undefined {
  if (!a.data !== !b.data) return `${named(a, 'a tensor')}, a constant in one of them`;
  if (!a.data || a === b) return undefined;
  const [left, right] = [constantData(a)!, constantData(b)!];
  const at = left.findIndex((value, i) => !Object.is(value, right[i]));
  if (at < 0) return undefined;
  return `the constant ${a.dtype} [${a.shape}] that ${named(a, 'tf.tensor')} makes (at ${at}: ${left[at]}, then ${right[at]})`;
}

/** The first way in which two graphs of the same function differ, or undefined. */
export function difference(a: Graph, b: Graph): string | undefined {
  const pairs = new Map<Node, Node>();
  for (const [i, node] of a.nodes.entries()) {
    const other = b.nodes[i];
    if (!other || node.op !== other.op) {
      return `kernel ${i} is ${node.op} of ${named(node, 'the function')}, then ${other?.op ?? 'missing'}`;
    }
    const [first, second] = [attributeKey(node.attrs), attributeKey(other.attrs)];
    if (first !== second) {
      return `an attribute of kernel ${node.op} of ${named(node, 'the function')} (${first}, then ${second})`;
    }
    for (const name of Object.keys(node.ins)) {
      const [left, right] = [node.ins[name]!, other.ins[name]];
      if (!right || !sameShape(left.shape, right.shape) || left.dtype !== right.dtype) {
        return `input ${name} of kernel ${node.op} of ${named(node, 'the function')}`;
      }
      const found = constantDifference(left, right);
      if (found) return found;
      if (left.node && pairs.get(left.node) !== right.node) {
        return `input ${name} of kernel ${node.op} of ${named(node, 'the function')}`;
      }
    }
    pairs.set(node, other);
  }
  if (a.nodes.length !== b.nodes.length) return `kernel ${b.nodes.at(-1)!.op} is missing at first`;
  for (const [i, output] of a.outputs.entries()) {
    const found = constantDifference(output.value, b.outputs[i]!.value);
    if (found) return found;
  }
  return undefined;
}
