import type { Node, Value } from '../../graph/graph.ts';
import type { GraphEditor } from '../graph-editor.ts';
import type { RewriteRule } from '../rule.ts';

/** Kernels of TF.js' activations; linear is none. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  prelu: 'Prelu',
  leakyrelu: 'LeakyRelu',
};

const PLAIN: Readonly<Record<string, string>> = {
  _FusedMatMul: 'BatchMatMul',
  FusedConv2D: 'Conv2D',
  FusedDepthwiseConv2D: 'DepthwiseConv2dNative',
};

function activated(editor: GraphEditor, x: Value, { ins, attrs }: Node): Value {
  const { activation = 'linear', leakyreluAlpha } = attrs as { activation?: string | null; leakyreluAlpha?: number };
  if (!activation || activation === 'linear') return x;
  const alpha = ins.preluActivationWeights;
  const inputs: Record<string, Value> = activation === 'prelu' ? { x, alpha: alpha! } : { x };
  const more = activation === 'leakyrelu' ? { alpha: leakyreluAlpha } : {};
  return editor.make(ACTIVATIONS[activation]!, inputs, x, more);
}

/** A product or convolution with bias and activation becomes its parts. */
export const splitFusedKernel: RewriteRule = {
  name: 'split-fused-kernel',
  ops: Object.keys(PLAIN),
  apply(node, editor) {
    const { bias, preluActivationWeights: _, ...ins } = node.ins;
    const { activation: _activation, leakyreluAlpha: _alpha, ...attrs } = node.attrs;
    const out = node.outs[0]!;
    let y = editor.make(PLAIN[node.op]!, ins, out, attrs);
    if (bias) y = editor.make('Add', { a: y, b: bias }, out);
    editor.replace(out, activated(editor, y, node));
    return true;
  },
};
