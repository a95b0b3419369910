import type { Node } from '../../graph/graph.ts';
import type { Lowering, Name } from '../lowering.ts';
import { blockedConvolve } from './convolve.ts';
import { hasMultiplierOne } from './depthwise.ts';
import { paddedInput, seenByTap } from './filter-gradient-operands.ts';
import { hasStride, imageShape, isDilated } from './image-shape.ts';
import { factorIntoResult } from './pending-factor.ts';
import { spreadByTwo } from './spread.ts';

/** What is missing behind x so that dy, dilated by the stride, has one place for every tap; negative where x has pixels over. */
function behind({ ins, geometry }: Node): [number, number] {
  const [x, y] = [imageShape(ins.x!), imageShape(ins.dy!)];
  const { kernel, strides, dilations, pads } = geometry!;
  return [
    (y.height - 1) * strides[0] + (kernel[0] - 1) * dilations[0] + 1 - x.height - pads[0],
    (y.width - 1) * strides[1] + (kernel[1] - 1) * dilations[1] + 1 - x.width - pads[1],
  ];
}

/** A depthwise convolution of batch * channels groups, whose kernel is dy, dilated by the stride; its outputs are the taps. */
const blocked: Lowering = {
  layout: 'blocked',
  when: (node) => hasMultiplierOne(node.outs[0]!.shape) && behind(node).every((size) => size >= 0),
  emit(emitter, node) {
    const [x, y] = [imageShape(node.ins.x!), imageShape(node.ins.dy!)];
    const { kernel, strides, dilations, pads } = node.geometry!;
    const { block } = emitter.target;
    const lanes = emitter.padded(x.channels);
    const group = x.batch * lanes;
    const taps = kernel[0] * kernel[1];
    const perImage = blockedConvolve(
      emitter,
      emitter.reshape(emitter.get(node.ins.x!, 'blocked'), [1, group, x.height, x.width]),
      emitter.reshape(emitter.get(node.ins.dy!, 'blocked'), [group, 1, y.height, y.width]),
      {
        kernel: [y.height, y.width],
        strides: dilations,
        dilations: strides,
        pads: [pads[0], pads[1], ...behind(node)],
        group,
      },
    );
    const sum = emitter.sum(emitter.reshape(perImage, [x.batch, lanes / block, taps, block]), [0]);
    const gradient = emitter.reshape(emitter.transpose(sum, [1, 0, 2]), [taps, lanes]);
    const cut = lanes === x.channels ? gradient : emitter.slice(gradient, 1, 0, x.channels);
    emitter.put(node.outs[0]!, 'tf', emitter.reshape(cut, node.outs[0]!.shape));
  },
};

/** Planes: rows of x shifted down against columns of dy shifted right, [h, L] x [L, w] for every plane in one batched product. */
const shifted: Lowering = {
  layout: 'tf',
  when: ({ outs, geometry, ins }) => {
    const [x, y] = [imageShape(ins.x!), imageShape(ins.dy!)];
    const [kernel, stride] = [geometry!.kernel, geometry!.strides[0]];
    return (
      hasMultiplierOne(outs[0]!.shape) &&
      !isDilated(geometry!) &&
      (hasStride(geometry!, 1) || hasStride(geometry!, 2)) &&
      y.height * stride + kernel[0] - 1 >= x.height + geometry!.pads[0] &&
      y.width * stride + kernel[1] - 1 >= x.width + geometry!.pads[1]
    );
  },
  emit(emitter, node) {
    const [x, y] = [imageShape(node.ins.x!), imageShape(node.ins.dy!)];
    const { kernel, strides, pads } = node.geometry!;
    const [height, width] = kernel;
    const stride = strides[0];
    const count = x.batch * x.channels;
    const lines = y.height * stride;
    const line = y.width * stride + width - 1;
    const length = lines * line;
    const plain = emitter.get(node.ins.dy!, 'nchw');
    const dy = stride === 1 ? plain : spreadByTwo(emitter, plain, node.ins.dy!.shape, 'nchw');
    const padded = emitter.pad(
      emitter.get(node.ins.x!, 'nchw'),
      [0, 0, pads[0], pads[1]],
      [0, 0, lines + height - 1 - x.height - pads[0], line - x.width - pads[1]],
    );
    const flat = emitter.reshape(padded, [count, 1, (lines + height - 1) * line]);
    const down = Array.from({ length: height }, (_, i) => emitter.slice(flat, 2, i * line, i * line + length));
    const right = Array.from({ length: width }, (_, j) => {
      const moved = emitter.pad(dy, [0, 0, 0, j], [0, 0, 0, width - 1 - j]);
      return emitter.reshape(moved, [count, 1, length]);
    });
    const rows = emitter.op('Concat', down, { axis: 1 });
    const columns = emitter.op('Concat', right, { axis: 1 });
    const perImage = emitter.matMul(rows, columns, { transposeB: true });
    const sum = emitter.sum(emitter.reshape(perImage, [x.batch, x.channels, height * width]), [0]);
    return emitter.reshape(emitter.transpose(sum, [1, 0]), node.outs[0]!.shape);
  },
};

/** Whatever the geometry and multiplier m: for each tap and channel, [1, pixels] x [pixels, m]. */
const perTap: Lowering = {
  layout: 'tf',
  emit(emitter, node) {
    const [x, y] = [imageShape(node.ins.x!), imageShape(node.ins.dy!)];
    const multiplier = node.outs[0]!.shape[3]!;
    const padded = paddedInput(emitter, node);
    const dy = emitter.reshape(emitter.get(node.ins.dy!, 'nchw'), [x.batch, x.channels, multiplier, y.pixels]);
    const taps: Name[] = [];
    for (let row = 0; row < node.geometry!.kernel[0]; row++) {
      for (let column = 0; column < node.geometry!.kernel[1]; column++) {
        const seen = seenByTap(emitter, padded, node.geometry!, y, row, column);
        const lines = emitter.reshape(seen, [x.batch, x.channels, 1, y.pixels]);
        const product = emitter.sum(emitter.matMul(lines, dy, { transposeB: true }), [0]);
        taps.push(emitter.reshape(product, [1, x.channels, multiplier]));
      }
    }
    const stacked = taps.length > 1 ? emitter.op('Concat', taps, { axis: 0 }) : taps[0]!;
    return emitter.reshape(stacked, node.outs[0]!.shape);
  },
};

export const depthwiseFilterGradient: readonly Lowering[] = [factorIntoResult, blocked, shifted, perTap];
