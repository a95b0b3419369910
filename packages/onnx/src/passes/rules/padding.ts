import type { Geometry, Node } from '../../graph/graph.ts';
import { madeBy } from '../../graph/patterns.ts';
import { geometryOf } from '../geometry.ts';
import type { RewriteRule } from '../rule.ts';

type Pads = Geometry['pads'];

/** Attributes of a convolution or pool that pads by more than it did, as TF.js has them. */
function morePadding(node: Node, more: Pads): Node['attrs'] {
  const [top, left, bottom, right] = geometryOf(node)!.pads.map((pad, i) => pad + more[i]!) as [
    number,
    number,
    number,
    number,
  ];
  return {
    ...node.attrs,
    pad: [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
  };
}

/** Attributes of a convolution or pool that does what a `PadV2` did before. */
export function withPadding(node: Node, { attrs }: Node): Node['attrs'] {
  const [, rows, columns] = attrs.paddings as [number, number][];
  return morePadding(node, [rows![0], columns![0], rows![1], columns![1]]);
}

/** Zero padding in front of a convolution becomes the convolution's own. */
export const padConvolution: RewriteRule = {
  name: 'pad-convolution',
  ops: ['Conv2D', 'Conv2DBackpropFilter', 'DepthwiseConv2dNative', 'DepthwiseConv2dNativeBackpropFilter'],
  apply(node, editor) {
    const padding = madeBy(node.ins.x, 'PadV2');
    if (!padding || padding.attrs.constantValue || node.attrs.dataFormat === 'NCHW') return false;
    const [batch, , , channels] = padding.attrs.paddings as [number, number][];
    if ([...batch!, ...channels!].some((amount) => amount !== 0)) return false;
    node.attrs = withPadding(node, padding);
    editor.setInputs(node, { ...node.ins, x: padding.ins.x! });
    return true;
  },
};

/** … and the slice that takes the image out of the gradient becomes the gradient's own padding. */
export const sliceInputGradient: RewriteRule = {
  name: 'slice-input-gradient',
  ops: ['Slice'],
  apply(node, editor) {
    const padded = node.ins.x!;
    const gradient = madeBy(padded, 'Conv2DBackpropInput', 'DepthwiseConv2dNativeBackpropInput');
    if (!gradient || gradient.ins.z || gradient.attrs.dataFormat === 'NCHW') return false;
    const [batch, height, width, channels] = node.outs[0]!.shape as [number, number, number, number];
    const [, top, left] = node.attrs.begin as [number, number, number, number];
    if (!editor.isOnlyReader(node, padded) || batch !== padded.shape[0] || channels !== padded.shape[3]) return false;
    const attrs = {
      ...morePadding(gradient, [top, left, padded.shape[1]! - height - top, padded.shape[2]! - width - left]),
      inputShape: node.outs[0]!.shape,
    };
    editor.replace(node.outs[0]!, editor.make(gradient.op, gradient.ins, node.outs[0]!, attrs));
    return true;
  },
};
