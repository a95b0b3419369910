import type { Node, Value } from '../../graph/graph.ts';
import type { Attribute, Emitter, Layout, Lowering } from '../lowering.ts';
import { blockedDomain } from './convolve.ts';
import { exactPads, imageShape, pointwise } from './image-shape.ts';

function windowAttributes(geometry: Node['geometry'], x: Value, y: Value): Record<string, Attribute> {
  const { kernel, strides } = geometry!;
  return { kernel_shape: kernel, strides, pads: exactPads(geometry!, imageShape(x), imageShape(y)) };
}

/** Windows that lie outside of the image have no maximum and no mean: ONNX Runtime refuses such paddings. */
const paddingFits =
  (input: 'x' | 'input') =>
  (node: Node): boolean => {
    const [x, y] = input === 'x' ? [node.ins.x!, node.outs[0]!] : [node.ins.input!, node.ins.dy!];
    const pads = exactPads(node.geometry!, imageShape(x), imageShape(y));
    return pads.every((pad, i) => pad < node.geometry!.kernel[(i % 2) as 0 | 1]);
  };

const pool = (op: 'MaxPool' | 'AveragePool', layout: Layout): Lowering => ({
  layout,
  when: paddingFits('x'),
  emit(emitter, { ins, outs, geometry }) {
    const attributes = {
      ...windowAttributes(geometry, ins.x!, outs[0]!),
      ...(op === 'AveragePool' ? { count_include_pad: 0 } : {}),
    };
    return emitter.op(op, [emitter.get(ins.x!, layout)], attributes, layout === 'blocked' ? blockedDomain : '');
  },
});

export const maxPool: readonly Lowering[] = [pool('MaxPool', 'blocked'), pool('MaxPool', 'nchw')];
export const averagePool: readonly Lowering[] = [pool('AveragePool', 'blocked'), pool('AveragePool', 'nchw')];

/** Each window's gradient goes to its first largest value, row by row, as on TF.js' cpu backend. */
const maxPoolGradientNchw: Lowering = {
  layout: 'nchw',
  when: paddingFits('input'),
  emit(emitter, { ins, geometry }) {
    const { dy, input } = ins as { dy: Value; input: Value };
    const { batch, height, width, channels } = imageShape(input);
    const attributes = windowAttributes(geometry, input, dy);
    const places = emitter.ops(2, 'MaxPool', [emitter.get(input, 'nchw')], attributes)[1]!;
    const zeros = emitter.op('ConstantOfShape', [emitter.int64s([batch * channels * height * width])]);
    const flat = [emitter.reshape(places, [-1]), emitter.reshape(emitter.get(dy, 'nchw'), [-1])];
    const dx = emitter.op('ScatterElements', [zeros, ...flat], { axis: 0, reduction: 'add' });
    return emitter.reshape(dx, [batch, channels, height, width]);
  },
};

export const maxPoolGradient: readonly Lowering[] = [maxPoolGradientNchw];

/** 1 / (pixels of the window that lie inside of the image), [height of y, width of y]. */
function shares({ geometry, outs, ins }: Node): Float32Array {
  const { kernel, strides, pads } = geometry!;
  const [x, y] = [imageShape(outs[0]!), imageShape(ins.dy!)];
  const inside = (position: number, axis: 0 | 1, size: number): number => {
    const start = position * strides[axis] - pads[axis];
    return Math.min(start + kernel[axis], size) - Math.max(start, 0);
  };
  return Float32Array.from({ length: y.pixels }, (_, i) => {
    const row = Math.floor(i / y.width);
    return 1 / (inside(row, 0, x.height) * inside(i % y.width, 1, x.width));
  });
}

/** dy times each window's share, [batch, height, width, channels]. */
function sharedOut(emitter: Emitter, node: Node): Value {
  const { batch, height, width, channels, pixels } = imageShape(node.ins.dy!);
  const share = shares(node);
  if (emitter.target.block > 1) {
    const { block } = emitter.target;
    const lanes = emitter.padded(channels);
    const spread = Float32Array.from({ length: pixels * block }, (_, i) => share[Math.floor(i / block)]!);
    const rows = emitter.reshape(emitter.get(node.ins.dy!, 'blocked'), [(batch * lanes) / block, pixels * block]);
    const product = emitter.mul(rows, emitter.constant(spread, [pixels * block]));
    return emitter.temporary(node.ins.dy!.shape, { blocked: emitter.reshape(product, [batch, lanes, height, width]) });
  }
  const nchw = emitter.mul(emitter.get(node.ins.dy!, 'nchw'), emitter.constant(share, [height, width]));
  return emitter.temporary(node.ins.dy!.shape, { nchw });
}

/** The input gradient of a depthwise convolution with ones. Every window is divided by what of it lies inside of the image. */
const averagePoolGradientAny: Lowering = {
  layout: 'tf',
  when: paddingFits('input'),
  emit(emitter, node) {
    const { channels } = imageShape(node.outs[0]!);
    const shape = [...node.geometry!.kernel, channels, 1];
    emitter.emit({
      ...node,
      op: 'DepthwiseConv2dNativeBackpropInput',
      geometry: { ...node.geometry!, dilations: pointwise.dilations },
      ins: { dy: sharedOut(emitter, node), filter: emitter.temporary(shape, { tf: emitter.full(1, shape) }) },
    });
  },
};

export const averagePoolGradient: readonly Lowering[] = [averagePoolGradientAny];
