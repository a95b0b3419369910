import type { Geometry, Node, Value } from '../../graph/graph.ts';
import type { Emitter, Layout, Lowering, Name } from '../lowering.ts';
import { applyEpilogue, blockedConvolve, type ConvolveOptions, nchwConvolve } from './convolve.ts';
import { hasMultiplierOne } from './depthwise.ts';
import { hasStride, type ImageShape, imageShape, isDilated, isPointwise } from './image-shape.ts';
import { hasParities, parityGradient } from './parity-gradient.ts';
import { factorIntoFilter } from './pending-factor.ts';
import { spreadByTwo } from './spread.ts';

const imagesOf = (node: Node): { x: ImageShape; y: ImageShape } => ({
  x: imageShape(node.outs[0]!),
  y: imageShape(node.ins.dy!),
});

/** Paddings with which a convolution (stride 1, taps reversed) of the output gradient, spread by the stride, is the input gradient. */
function gradientPads(node: Node): [number, number, number, number] {
  const { x, y } = imagesOf(node);
  const { kernel, strides, dilations, pads } = node.geometry as Geometry;
  return [
    (kernel[0] - 1) * dilations[0] - pads[0],
    (kernel[1] - 1) * dilations[1] - pads[1],
    x.height - y.height * strides[0] + pads[0],
    x.width - y.width * strides[1] + pads[1],
  ];
}

/** Convolutions cannot crop, so that a padding wider than the filter, or pixels that the stride leaves over, need ConvTranspose. */
const isConvolution = (node: Node): boolean =>
  (hasStride(node.geometry!, 1) || hasStride(node.geometry!, 2)) && gradientPads(node).every((pad) => pad >= 0);

/** dy, spread by the stride, in a layout. */
const spreadGradient = (emitter: Emitter, { ins, geometry }: Node, layout: Layout): Name => {
  const dy = emitter.get(ins.dy!, layout);
  return hasStride(geometry!, 1) ? dy : spreadByTwo(emitter, dy, ins.dy!.shape, layout);
};

const optionsOf = (node: Node): ConvolveOptions => ({
  kernel: node.geometry!.kernel,
  dilations: node.geometry!.dilations,
  pads: gradientPads(node),
});

const plus = (emitter: Emitter, { ins }: Node, y: Name, layout: Layout): Name =>
  applyEpilogue(emitter, y, { sum: ins.z && emitter.get(ins.z, layout) });

const doublesBoth = (node: Node): boolean => {
  const { x, y } = imagesOf(node);
  return hasStride(node.geometry!, 2) && x.height === 2 * y.height && x.width === 2 * y.width;
};

const blockedParities: Lowering = {
  layout: 'blocked',
  when: (node) => doublesBoth(node) && !isDilated(node.geometry!) && hasParities(node.geometry!),
  emit: (emitter, node) => plus(emitter, node, parityGradient(emitter, node), 'blocked'),
};

/** 1x1 with stride 2: first the product, which is smaller, then the zeros. */
const blockedPointwise: Lowering = {
  layout: 'blocked',
  when: (node) => isPointwise(node.geometry!) && doublesBoth(node),
  emit(emitter, node) {
    const { dy, filter } = node.ins as { dy: Value; filter: Value };
    const small = blockedConvolve(emitter, emitter.get(dy, 'blocked'), emitter.get(filter, 'dense.blocked.gradient'), {
      kernel: [1, 1],
    });
    const { y, x } = imagesOf(node);
    const shape = [y.batch, y.height, y.width, x.channels];
    return plus(emitter, node, spreadByTwo(emitter, small, shape, 'blocked'), 'blocked');
  },
};

const blocked: Lowering = {
  layout: 'blocked',
  when: isConvolution,
  emit(emitter, node) {
    const { filter, z } = node.ins as { filter: Value; z?: Value };
    return blockedConvolve(
      emitter,
      spreadGradient(emitter, node, 'blocked'),
      emitter.get(filter, 'dense.blocked.gradient'),
      { ...optionsOf(node), sum: z && emitter.get(z, 'blocked') },
    );
  },
};

/** filter dy, without turning either. */
const nchwProduct: Lowering = {
  layout: 'nchw',
  when: (node) => isPointwise(node.geometry!) && (hasStride(node.geometry!, 1) || doublesBoth(node)),
  emit(emitter, node) {
    const { x, y } = imagesOf(node);
    const filter = emitter.reshape(emitter.get(node.ins.filter!), [x.channels, y.channels]);
    const dy = emitter.reshape(emitter.get(node.ins.dy!, 'nchw'), [y.batch, y.channels, y.pixels]);
    const small = emitter.reshape(emitter.matMul(filter, dy), [y.batch, x.channels, y.height, y.width]);
    if (hasStride(node.geometry!, 1)) return plus(emitter, node, small, 'nchw');
    return plus(emitter, node, spreadByTwo(emitter, small, [y.batch, y.height, y.width, x.channels], 'nchw'), 'nchw');
  },
};

const nchw: Lowering = {
  layout: 'nchw',
  when: (node) => hasStride(node.geometry!, 1) && isConvolution(node),
  emit: (emitter, node) =>
    nchwConvolve(emitter, emitter.get(node.ins.dy!, 'nchw'), emitter.get(node.ins.filter!, 'dense.gradient'), {
      ...optionsOf(node),
      sum: node.ins.z && emitter.get(node.ins.z, 'nchw'),
    }),
};

/** Whatever the geometry, and slower: ConvTranspose without paddings, which gives all that the windows saw, and what of it is the image. */
function transposed(emitter: Emitter, node: Node, filter: Name, group: number): Name {
  const { kernel, strides, dilations, pads } = node.geometry as Geometry;
  const { x, y } = imagesOf(node);
  const all = emitter.op('ConvTranspose', [emitter.get(node.ins.dy!, 'nchw'), filter], {
    kernel_shape: kernel,
    strides,
    dilations,
    group,
  });
  const seen = (outputs: number, axis: 0 | 1): number =>
    (outputs - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1;
  const missing = [x.height + pads[0] - seen(y.height, 0), x.width + pads[1] - seen(y.width, 1)];
  const padded = emitter.pad(all, [0, 0, 0, 0], [0, 0, ...missing.map((size) => Math.max(0, size))]);
  const rows = emitter.slice(padded, 2, pads[0], pads[0] + x.height);
  return plus(emitter, node, emitter.slice(rows, 3, pads[1], pads[1] + x.width), 'nchw');
}

/** ConvTranspose takes the filter as [O, I, h, w], which is what a convolution takes. */
const nchwTransposed: Lowering = {
  layout: 'nchw',
  emit: (emitter, node) => transposed(emitter, node, emitter.get(node.ins.filter!, 'dense'), 1),
};

export const conv2dInputGradient: readonly Lowering[] = [
  factorIntoFilter,
  blockedParities,
  blockedPointwise,
  blocked,
  nchwProduct,
  nchw,
  nchwTransposed,
];

const depthwiseBlocked: Lowering = {
  layout: 'blocked',
  when: (node) => hasMultiplierOne(node.ins.filter!.shape) && isConvolution(node),
  emit: (emitter, node) =>
    blockedConvolve(
      emitter,
      spreadGradient(emitter, node, 'blocked'),
      emitter.get(node.ins.filter!, 'depthwise.blocked.gradient'),
      { ...optionsOf(node), group: emitter.padded(node.outs[0]!.shape[3]!) },
    ),
};

const depthwiseNchw: Lowering = {
  layout: 'nchw',
  when: (node) => hasMultiplierOne(node.ins.filter!.shape) && isConvolution(node),
  emit: (emitter, node) =>
    nchwConvolve(emitter, spreadGradient(emitter, node, 'nchw'), emitter.get(node.ins.filter!, 'depthwise.gradient'), {
      ...optionsOf(node),
      group: node.outs[0]!.shape[3]!,
    }),
};

const depthwiseTransposed: Lowering = {
  layout: 'nchw',
  emit: (emitter, node) =>
    transposed(emitter, node, emitter.get(node.ins.filter!, 'depthwise'), node.outs[0]!.shape[3]!),
};

export const depthwiseInputGradient: readonly Lowering[] = [
  factorIntoFilter,
  depthwiseBlocked,
  depthwiseNchw,
  depthwiseTransposed,
];
