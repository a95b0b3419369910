import * as tf from '@tensorflow/tfjs-core';
import type { Node, Value } from '../graph/graph.ts';

const SUFFIX = '__op'; // what TF.js puts behind the name of an op's scope

/** The public op of TF.js that runs now: the outermost one. */
export function currentOp(): string | undefined {
  const scope = tf.engine().state.scopeStack.find(({ name }) => name.endsWith(SUFFIX));
  return scope?.name.slice(0, -SUFFIX.length);
}

/** The calls that led here, innermost first, as V8 writes them; elsewhere maybe nothing that is of use. */
function calls(): string[] {
  const limited = Error as { stackTraceLimit?: number };
  const limit = limited.stackTraceLimit;
  limited.stackTraceLimit = 200; // TF.js calls itself deeply
  const lines = new Error().stack?.split('\n').slice(1) ?? [];
  if (limit !== undefined) limited.stackTraceLimit = limit;
  return lines;
}

const NOT_THE_CALLERS =
  /@tensorflow|tf-core|tf-layers|node:internal|<anonymous>\)?$|[\\/]onnx[\\/](src|dist)[\\/]trace[\\/][\w-]+\.[jt]s/;

/** Where in the caller's code we are: the innermost line that is neither TF.js' nor this package's. */
export function currentLine(): string | undefined {
  return calls()
    .find((line) => !NOT_THE_CALLERS.test(line))
    ?.trim()
    .replace(/^at /, '');
}

/** The class of the layer of tfjs-layers that runs now: the innermost one. */
export function currentLayer(): string | undefined {
  for (const line of calls()) {
    const name = /at (?:[\w$]+\.)?([A-Z]\w*)\.call \(/.exec(line)?.[1];
    if (name) return name;
  }
  return undefined;
}

const origins = new WeakMap<Node | Value, string>();

/** Remembers which op made a node or a constant. */
export function remember(made: Node | Value): void {
  const op = currentOp();
  if (op) origins.set(made, op);
}

/** A copy comes from the same op. */
export function rememberCopy(node: Node, copy: Node): void {
  const op = origins.get(node);
  if (op) origins.set(copy, op);
}

export const originOf = (made: Node | Value): string | undefined => origins.get(made);
