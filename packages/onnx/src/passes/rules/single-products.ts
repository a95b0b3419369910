import type { Value } from '../../graph/graph.ts';
import { eitherWay, madeBy } from '../../graph/patterns.ts';
import type { RewriteRule } from '../rule.ts';

const matrixOf = ({ shape }: Value): readonly number[] => shape.slice(-2);

const isSingle = ({ shape }: Value): boolean => shape.length > 2 && shape.slice(0, -2).every((size) => size === 1);

/** TF.js has every product in a batch; one alone becomes a product of matrices, and its result is read without a copy. */
export const singleProduct: RewriteRule = {
  name: 'single-product',
  ops: ['BatchMatMul'],
  apply({ ins, attrs, outs }, editor) {
    const [a, b] = [ins.a!, ins.b!];
    const [out] = outs as [Value];
    if (!isSingle(out) || !isSingle(a) || !isSingle(b)) return false;
    const [left, right] = [a, b].map((value) => editor.reshape(value, matrixOf(value))) as [Value, Value];
    const product = editor.make('BatchMatMul', { a: left, b: right }, { ...out, shape: matrixOf(out) }, attrs);
    editor.replace(out, editor.reshape(product, out.shape));
    return true;
  },
};

/** A bias is added before the product is reshaped: ONNX Runtime computes both at once. */
export const biasBeforeReshape: RewriteRule = {
  name: 'bias-before-reshape',
  ops: ['Add'],
  apply(node, editor) {
    const [out] = node.outs as [Value];
    for (const [sum, bias] of eitherWay(node)) {
      const reshape = madeBy(sum, 'Reshape');
      const product = madeBy(reshape?.ins.x, 'BatchMatMul')?.outs[0];
      if (!product || !editor.isOnlyReader(node, sum) || !editor.isOnlyReader(reshape!, product)) continue;
      if (bias.shape.length !== 1 || bias.shape[0] !== product.shape.at(-1) || bias.shape[0] !== sum.shape.at(-1)) {
        continue;
      }
      editor.replace(out, editor.reshape(editor.make('Add', { a: product, b: bias }, product), out.shape));
      return true;
    }
    return false;
  },
};
