import { madeBy } from '../../graph/patterns.ts';
import type { RewriteRule } from '../rule.ts';

/**
 * The gradient of the weights behind a GELU reads what GELU gave, long after the forward pass. It gets a GELU of its own, from
 * the input that GELU's gradient keeps anyway: one value of a hidden layer in place of two waits for the backward pass. Next
 * to that gradient it costs a multiplication, for the attribute `again` has both share the normal distribution.
 */
export const recomputeGelu: RewriteRule = {
  name: 'recompute-gelu',
  ops: ['BatchMatMul'],
  apply(product, editor) {
    const a = product.ins.a!;
    const gelu = madeBy(madeBy(a, 'Reshape')?.ins.x ?? a, 'KdGelu');
    if (!gelu || gelu.attrs.again || !product.attrs.transposeA) return false;
    const x = gelu.ins.x!;
    if (!editor.readersOf(x).some(({ op }) => op === 'KdGeluGrad')) return false;
    const again = editor.make('KdGelu', { x }, gelu.outs[0]!, { again: true });
    editor.setInputs(product, { ...product.ins, a: editor.reshape(again, a.shape) });
    return true;
  },
};
