import { fill, sameShape, sizeOf, splatOf } from '../../graph/constants.ts';
import { eitherWay, madeBy } from '../../graph/patterns.ts';
import type { RewriteRule } from '../rule.ts';

const BINARY = ['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'Pow'];

/**
 * A constant that is the same everywhere becomes a scalar, and what it only made larger a `BroadcastTo`: the gradient of a
 * mean multiplies by a tensor of ones.
 */
export const scalarOperand: RewriteRule = {
  name: 'scalar-operand',
  ops: BINARY,
  apply(node, editor) {
    const out = node.outs[0]!;
    for (const name of ['a', 'b']) {
      const operand = node.ins[name]!;
      const other = node.ins[name === 'a' ? 'b' : 'a']!;
      const number = splatOf(operand);
      if (number === undefined || operand.shape.length === 0 || splatOf(other) !== undefined) continue;
      const scalar = fill([], number, operand.dtype);
      if (sameShape(other.shape, out.shape)) {
        editor.setInputs(node, { ...node.ins, [name]: scalar });
      } else {
        const small = editor.make(node.op, { ...node.ins, [name]: scalar }, { shape: other.shape, dtype: out.dtype });
        editor.replace(out, editor.make('BroadcastTo', { x: small }, out, { shape: out.shape }));
      }
      return true;
    }
    return false;
  },
};

/** `x * 1`, `x / 1`. */
export const dropOne: RewriteRule = {
  name: 'drop-one',
  ops: ['Multiply', 'RealDiv'],
  apply(node, editor) {
    const out = node.outs[0]!;
    for (const [x, one] of node.op === 'Multiply' ? eitherWay(node) : [[node.ins.a!, node.ins.b!] as const]) {
      if (splatOf(one) !== 1 || !sameShape(x.shape, out.shape) || x.dtype !== out.dtype) continue;
      editor.replace(out, x);
      return true;
    }
    return false;
  },
};

/** Scales what is small before it is broadcast, not after. */
export const scaleBeforeBroadcast: RewriteRule = {
  name: 'scale-before-broadcast',
  ops: ['Multiply', 'RealDiv'],
  apply(node, editor) {
    const broadcast = madeBy(node.ins.a, 'BroadcastTo');
    const factor = node.ins.b!;
    if (
      !broadcast ||
      !editor.isOnlyReader(node, broadcast.outs[0]!) ||
      sizeOf(factor) !== 1 ||
      factor.shape.length > 0
    ) {
      return false;
    }
    const small = broadcast.ins.x!;
    const scaled = editor.make(node.op, { a: small, b: factor }, small);
    const out = node.outs[0]!;
    editor.replace(out, editor.make('BroadcastTo', { x: scaled }, out, { shape: out.shape }));
    return true;
  },
};
