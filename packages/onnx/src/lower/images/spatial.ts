import type { Node, Value } from '../../graph/graph.ts';
import type { Emitter, Layout, Lowering, Name } from '../lowering.ts';
import { imageShape, isImage } from './image-shape.ts';

/** Whether a reduction of an image runs over height and width. */
function isSpatial({ ins, attrs }: Node): boolean {
  if (!isImage(ins.x)) return false;
  const axes = [attrs.axis ?? attrs.reductionIndices ?? []].flat() as number[];
  const positive = axes.map((axis) => (axis < 0 ? axis + 4 : axis)).sort();
  return positive.length === 2 && positive[0] === 1 && positive[1] === 2;
}

/** Mean or sum of every channel of every image: the global average pool. What comes out is a matrix, as TF.js has it. */
const reduceImage = (op: 'ReduceMean' | 'ReduceSum', layout: 'blocked' | 'nchw'): Lowering => ({
  layout,
  when: (node, emitter) => isSpatial(node) && emitter.has(node.ins.x!, layout),
  emit(emitter, { ins, outs }) {
    const { batch, channels, pixels } = imageShape(ins.x!);
    const { block } = emitter.target;
    const lanes = layout === 'blocked' ? emitter.padded(channels) : channels;
    const shape = layout === 'blocked' ? [(batch * lanes) / block, pixels, block] : [batch * lanes, pixels];
    const x = emitter.reshape(emitter.get(ins.x!, layout), shape);
    const reduced =
      op === 'ReduceSum' ? emitter.sum(x, [1]) : emitter.op('ReduceMean', [x], { axes: [1], keepdims: 0 });
    const rows = emitter.reshape(reduced, [batch, lanes]);
    const cut = lanes === channels ? rows : emitter.slice(rows, 1, 0, channels);
    emitter.put(outs[0]!, 'tf', emitter.reshape(cut, outs[0]!.shape));
  },
});

export const spatialMean: readonly Lowering[] = [
  reduceImage('ReduceMean', 'blocked'),
  reduceImage('ReduceMean', 'nchw'),
];
export const spatialSum: readonly Lowering[] = [reduceImage('ReduceSum', 'blocked'), reduceImage('ReduceSum', 'nchw')];

/** One value for each channel of each image, as the gradient of the global average pool has it. */
function isPerChannel({ ins, outs }: Node): boolean {
  const [x, y] = [ins.x!, outs[0]!];
  if (!isImage(y)) return false;
  const { batch, channels } = imageShape(y);
  return x.shape.length === 4 && String(x.shape) === String([batch, 1, 1, channels]);
}

const broadcast = (layout: 'blocked' | 'nchw', make: (emitter: Emitter, x: Value, y: Value) => Name): Lowering => ({
  layout: layout as Layout,
  when: isPerChannel,
  emit: (emitter, { ins, outs }) => make(emitter, ins.x!, outs[0]!),
});

export const broadcastImage: readonly Lowering[] = [
  broadcast('blocked', (emitter, x, y) => {
    const { batch, height, width, channels, pixels } = imageShape(y);
    const { block } = emitter.target;
    const lanes = emitter.padded(channels);
    const rows = emitter.pad(emitter.reshape(emitter.get(x), [batch, channels]), [0, 0], [0, lanes - channels]);
    const blocks = emitter.reshape(rows, [batch, lanes / block, 1, block]);
    const expanded = emitter.op('Expand', [blocks, emitter.int64s([batch, lanes / block, pixels, block])]);
    return emitter.reshape(expanded, [batch, lanes, height, width]);
  }),
  broadcast('nchw', (emitter, x, y) => {
    const { batch, height, width, channels } = imageShape(y);
    const vectors = emitter.reshape(emitter.get(x), [batch, channels, 1, 1]);
    return emitter.op('Expand', [vectors, emitter.int64s([batch, channels, height, width])]);
  }),
];
