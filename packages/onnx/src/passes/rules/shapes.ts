import { sameShape } from '../../graph/constants.ts';
import { madeBy } from '../../graph/patterns.ts';
import type { RewriteRule } from '../rule.ts';

/** `Identity`, and what changes neither type nor shape nor order, is left out. */
export const dropIdentity: RewriteRule = {
  name: 'drop-identity',
  ops: ['Identity', 'Cast', 'Reshape', 'Transpose', 'BroadcastTo', 'Tile'],
  apply({ op, ins, attrs, outs }, editor) {
    const [x, out] = [ins.x!, outs[0]!];
    const isSorted = op !== 'Transpose' || (attrs.perm as number[]).every((axis, i) => axis === i);
    if (x.dtype !== out.dtype || !sameShape(x.shape, out.shape) || !isSorted) return false;
    editor.replace(out, x);
    return true;
  },
};

/** `ExpandDims` is a `Reshape`. */
export const expandToReshape: RewriteRule = {
  name: 'expand-to-reshape',
  ops: ['ExpandDims'],
  apply({ ins, outs }, editor) {
    editor.replace(outs[0]!, editor.reshape(ins.input!, outs[0]!.shape));
    return true;
  },
};

/** Of several `Reshape`s in a row only the last one counts. */
export const mergeReshapes: RewriteRule = {
  name: 'merge-reshapes',
  ops: ['Reshape'],
  apply(node, editor) {
    const first = madeBy(node.ins.x, 'Reshape');
    if (!first) return false;
    editor.setInputs(node, { x: first.ins.x! });
    return true;
  },
};

/** Two `Transpose`s in a row are one. */
export const mergeTransposes: RewriteRule = {
  name: 'merge-transposes',
  ops: ['Transpose'],
  apply(node, editor) {
    const first = madeBy(node.ins.x, 'Transpose');
    if (!first) return false;
    const [inner, outer] = [first.attrs.perm as number[], node.attrs.perm as number[]];
    node.attrs = { perm: outer.map((axis) => inner[axis]!) };
    editor.setInputs(node, { x: first.ins.x! });
    return true;
  },
};

/** `Tile` along axes of size 1 is a `BroadcastTo`. */
export const tileToBroadcast: RewriteRule = {
  name: 'tile-to-broadcast',
  ops: ['Tile'],
  apply({ ins, attrs, outs }, editor) {
    const [x, out] = [ins.x!, outs[0]!];
    const reps = attrs.reps as number[];
    if (!reps.every((times, i) => times === 1 || x.shape[i] === 1)) return false;
    editor.replace(out, editor.make('BroadcastTo', { x }, out, { shape: out.shape }));
    return true;
  },
};
