import { sameShape } from '../../graph/constants.ts';
import { dependsOn } from '../../graph/depends-on.ts';
import { eitherWay, madeBy } from '../../graph/patterns.ts';
import type { RewriteRule } from '../rule.ts';

/** ReLU and ReLU6 behind batch-norm become its attribute `act`. */
export const batchNormActivation: RewriteRule = {
  name: 'batch-norm-activation',
  ops: ['Relu', 'Relu6'],
  apply(node, editor) {
    const norm = madeBy(node.ins.x, 'KdBatchNorm', 'KdConvBatchNorm');
    if (!norm || norm.attrs.act || !editor.isOnlyReader(node, node.ins.x!)) return false;
    norm.attrs = { ...norm.attrs, act: node.op === 'Relu' ? 'relu' : 'relu6' };
    editor.replace(node.outs[0]!, norm.outs[0]!);
    return true;
  },
};

/** Has a node add a value to its first output, as its input `z`. */
const addInto = (name: string, ...ops: string[]): RewriteRule => ({
  name,
  ops: ['Add'],
  apply(node, editor) {
    for (const [z, sum] of eitherWay(node)) {
      const maker = madeBy(sum, ...ops);
      if (!maker || maker.ins.z || maker.attrs.act || !editor.isOnlyReader(node, sum)) continue;
      // Only first outputs are read by nothing but the sum; z may come from another one.
      if (!sameShape(z.shape, sum.shape) || dependsOn(z, [maker])) continue;
      editor.setInputs(maker, { ...maker.ins, z });
      editor.replace(node.outs[0]!, sum);
      return true;
    }
    return false;
  },
});

/** The sum of a residual block. */
export const batchNormSum: RewriteRule = addInto('batch-norm-sum', 'KdBatchNorm');

/** The sum of gradients of an image that is read twice. */
export const inputGradientSum: RewriteRule = addInto(
  'input-gradient-sum',
  'Conv2DBackpropInput',
  'KdConvBatchNormGrad',
);
