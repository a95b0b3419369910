import type { Geometry, Node, Value } from '../../graph/graph.ts';
import type { Emitter, Name } from '../lowering.ts';
import { exactPads, type ImageShape, imageShape } from './image-shape.ts';

/** What a filter gradient is made from: the convolution's input and the gradient of its output. */
export interface Operands {
  x: ImageShape;
  y: ImageShape;
  geometry: Geometry;
}

export function operandsOf(node: Node): Operands {
  return { x: imageShape(node.ins.x!), y: imageShape(node.ins.dy!), geometry: node.geometry! };
}

/** A value as [batch, channels, pixels]. */
export function planes(emitter: Emitter, value: Value): Name {
  const { batch, channels, pixels } = imageShape(value);
  return emitter.reshape(emitter.get(value, 'nchw'), [batch, channels, pixels]);
}

/** Sum over images of x dy': [batch, rows, pixels] and [batch, columns, pixels] to [rows, columns]. */
export const correlate = (emitter: Emitter, x: Name, dy: Name): Name =>
  emitter.sum(emitter.matMul(x, dy, { transposeB: true }), [0]);

/** What a tap sees of x, already padded, in NCHW: [batch, channels, height of y, width of y]. */
export function seenByTap(
  emitter: Emitter,
  padded: Name,
  geometry: Geometry,
  y: ImageShape,
  row: number,
  column: number,
): Name {
  const { strides, dilations } = geometry;
  const [top, left] = [row * dilations[0], column * dilations[1]];
  return emitter.op('Slice', [
    padded,
    emitter.int64s([top, left]),
    emitter.int64s([top + (y.height - 1) * strides[0] + 1, left + (y.width - 1) * strides[1] + 1]),
    emitter.int64s([2, 3]),
    emitter.int64s(strides),
  ]);
}

/** x in NCHW with its paddings. */
export function paddedInput(emitter: Emitter, node: Node): Name {
  const { x, y, geometry } = operandsOf(node);
  const [top, left, bottom, right] = exactPads(geometry, x, y);
  return emitter.pad(emitter.get(node.ins.x!, 'nchw'), [0, 0, top, left], [0, 0, bottom, right]);
}
