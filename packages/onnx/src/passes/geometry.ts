import type { Geometry, Node } from '../graph/graph.ts';
import { convolutionInfo, poolInfo } from '../trace/rules/products.ts';
import type { Attributes } from '../trace/rules/rule.ts';

/** How the windows of a convolution or pool move, everything explicit; undefined for other kernels. */
export function geometryOf({ op, ins, attrs }: Node): Geometry | undefined {
  const given = attrs as unknown as Attributes;
  const isPool = /^(Max|Avg)Pool/.test(op);
  if (!isPool && !/^(Fused)?(Conv2D|DepthwiseConv2[dD])/.test(op)) return undefined;
  const image = op.endsWith('BackpropInput') ? given.inputShape : (ins.x ?? ins.input)!.shape;
  const info = isPool
    ? poolInfo(image, given)
    : convolutionInfo(
        image,
        op.endsWith('BackpropFilter') ? given.filterShape : ins.filter!.shape,
        given,
        op.includes('Depthwise'),
      );
  const { top, left, bottom, right } = info.padInfo;
  return {
    kernel: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: [top, left, bottom, right],
  };
}
