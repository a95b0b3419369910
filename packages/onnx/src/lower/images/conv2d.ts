import type { Node } from '../../graph/graph.ts';
import type { Emitter, Layout, Lowering, Name } from '../lowering.ts';
import { blockedConvolve, nchwConvolve, windowOf } from './convolve.ts';
import { exactPads, hasStride, imageShape, isPointwise } from './image-shape.ts';

/** The bias of a fused convolution; an activation behind it is a node of its own. */
export function biasOf(emitter: Emitter, { ins }: Node, vector: Layout): Name | undefined {
  return ins.bias && emitter.get(ins.bias, vector);
}

const options = (node: Node) => {
  const [x, y] = [imageShape(node.ins.x!), imageShape(node.outs[0]!)];
  return { ...windowOf(node.geometry!), pads: exactPads(node.geometry!, x, y) };
};

/** Fewer input channels than a block come as NCHW (images of a first layer), unless they lie in blocks already. */
const blocked: Lowering = {
  layout: 'blocked',
  emit(emitter, node) {
    const { x, filter } = node.ins as { x: Node['outs'][0]; filter: Node['outs'][0] };
    const few = filter.shape[2]! < emitter.target.block && !emitter.has(x, 'blocked');
    return blockedConvolve(
      emitter,
      emitter.get(x, few ? 'nchw' : 'blocked'),
      emitter.get(filter, few ? 'dense.blocked.few' : 'dense.blocked'),
      { ...options(node), bias: biasOf(emitter, node, 'vector') },
    );
  },
};

/** filter' x, which needs no filter in another order where a product takes it transposed. */
const product: Lowering = {
  layout: 'nchw',
  when: ({ geometry, ins }, { target }) =>
    (target.contrib ?? true) && isPointwise(geometry!) && hasStride(geometry!, 1) && !ins.bias,
  emit(emitter, node) {
    const { batch, height, width, pixels } = imageShape(node.ins.x!);
    const [inputs, outputs] = node.ins.filter!.shape.slice(2) as [number, number];
    const x = emitter.reshape(emitter.get(node.ins.x!, 'nchw'), [batch, inputs, pixels]);
    const filter = emitter.reshape(emitter.get(node.ins.filter!), [inputs, outputs]);
    return emitter.reshape(emitter.matMul(filter, x, { transposeA: true }), [batch, outputs, height, width]);
  },
};

const nchw: Lowering = {
  layout: 'nchw',
  emit: (emitter, node) =>
    nchwConvolve(emitter, emitter.get(node.ins.x!, 'nchw'), emitter.get(node.ins.filter!, 'dense'), {
      ...options(node),
      bias: biasOf(emitter, node, 'tf'),
    }),
};

export const conv2d: readonly Lowering[] = [blocked, product, nchw];
