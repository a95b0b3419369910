import type { Node, Value } from '../../graph/graph.ts';
import type { Lowering } from '../lowering.ts';
import { biasOf } from './conv2d.ts';
import { blockedConvolve, nchwConvolve, windowOf } from './convolve.ts';
import { exactPads, imageShape } from './image-shape.ts';

/** Whether every channel has one filter: [height, width, channels, 1]. */
export const hasMultiplierOne = (filterShape: readonly number[]): boolean => filterShape[3] === 1;

const options = (node: Node) => {
  const [x, y] = [imageShape(node.ins.x!), imageShape(node.outs[0]!)];
  return { ...windowOf(node.geometry!), pads: exactPads(node.geometry!, x, y) };
};

const blocked: Lowering = {
  layout: 'blocked',
  when: ({ ins }) => hasMultiplierOne(ins.filter!.shape),
  emit(emitter, node) {
    const { x, filter } = node.ins as { x: Value; filter: Value };
    return blockedConvolve(emitter, emitter.get(x, 'blocked'), emitter.get(filter, 'depthwise.blocked'), {
      ...options(node),
      group: emitter.padded(x.shape[3]!),
      bias: biasOf(emitter, node, 'vector'),
    });
  },
};

const nchw: Lowering = {
  layout: 'nchw',
  emit(emitter, node) {
    const { x, filter } = node.ins as { x: Value; filter: Value };
    return nchwConvolve(emitter, emitter.get(x, 'nchw'), emitter.get(filter, 'depthwise'), {
      ...options(node),
      group: x.shape[3]!,
      bias: biasOf(emitter, node, 'tf'),
    });
  },
};

export const depthwise: readonly Lowering[] = [blocked, nchw];
