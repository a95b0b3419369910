import type { Node, Value } from './graph.ts';

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
