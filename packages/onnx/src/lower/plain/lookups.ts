import { backend_util } from '@tensorflow/tfjs-core';
import type { Node } from '../../graph/graph.ts';
import type { Emitter, Lowering, LoweringTable, Name } from '../lowering.ts';
import { size } from '../size.ts';
import { cast, getAs, numberOf, numeric } from './cast.ts';
import { plain } from './plain-lowering.ts';

const INT64 = 7;

function gather(emitter: Emitter, { ins, attrs, outs }: Node): Name {
  const [x, indices] = [ins.x!, ins.indices!];
  const axis = attrs.axis as number;
  const batchDims = attrs.batchDims as number;
  if (batchDims === 0) return emitter.op('Gather', [emitter.get(x), emitter.get(indices)], { axis });
  // as [batch, outer, rows, slice]; the rows are then brought behind the batch, where GatherND wants them
  const { batchSize, outerSize, dimSize, sliceSize } = backend_util.segment_util.collectGatherOpShapeInfo(
    x as never,
    indices as never,
    axis,
    batchDims,
  ); // prettier-ignore
  const count = size(indices.shape) / batchSize;
  const rows = emitter.transpose(
    emitter.reshape(emitter.get(x), [batchSize, outerSize, dimSize, sliceSize]),
    [0, 2, 1, 3],
  );
  const at = emitter.op('Cast', [emitter.reshape(emitter.get(indices), [batchSize, count, 1])], { to: INT64 });
  const picked = emitter.op('GatherND', [rows, at], { batch_dims: 1 });
  return emitter.reshape(emitter.transpose(picked, [0, 2, 1, 3]), outs[0]!.shape);
}

/**
 * Sums rows into the places that `at` names; those that name none are left out. ScatterElements, because it adds one after
 * the other: the order, and so the sum, is the same from run to run.
 *
 * @param at int32 [count]
 * @param rows [count, width]
 * @returns [places, width]
 */
function scatterRows(
  emitter: Emitter,
  at: Name,
  rows: Name,
  [places, count, width]: readonly [number, number, number],
  zero: Name,
): Name {
  const number = (value: number): Name => emitter.constant(Int32Array.of(value), []);
  const isOutside = emitter.op('Or', [
    emitter.op('Less', [at, number(0)]),
    emitter.op('GreaterOrEqual', [at, number(places)]),
  ]);
  const inside = emitter.op('Where', [isOutside, number(places), at]); // a row more, cut off in the end
  const targets = emitter.op('Expand', [emitter.reshape(inside, [count, 1]), emitter.int64s([count, width])]);
  const empty = emitter.op('Expand', [zero, emitter.int64s([places + 1, width])]);
  const sums = emitter.op('ScatterElements', [empty, targets, rows], { axis: 0, reduction: 'add' });
  return emitter.slice(sums, 0, 0, places);
}

function segmentSum(emitter: Emitter, { ins, outs, attrs }: Node): Name {
  const [x, ids] = [ins.x!, ins.segmentIds!];
  const count = size(ids.shape);
  const width = size(x.shape) / count;
  const { dtype, shape } = outs[0]!;
  const rows = emitter.reshape(getAs(emitter, x, dtype), [count, width]);
  const at = emitter.reshape(emitter.get(ids), [count]);
  const sizes = [attrs.numSegments as number, count, width] as const;
  return emitter.reshape(scatterRows(emitter, at, rows, sizes, numberOf(emitter, 0, dtype)), shape);
}

/** How often each number of a row occurs, or the sum of its weights; TF.js refuses negative ones and leaves out large ones. */
const denseBincount: Lowering = {
  layout: 'tf',
  when: ({ attrs }) => !attrs.binaryOutput,
  emit(emitter, { ins, outs, attrs }) {
    const [x, weights] = [ins.x!, ins.weights!];
    const { shape, dtype } = outs[0]!;
    const bins = attrs.size as number;
    const [count, columns, places] = [size(x.shape), x.shape.at(-1)!, size(shape)];
    const number = (value: number): Name => emitter.constant(Int32Array.of(value), []);
    const numbers = emitter.reshape(emitter.get(x), [count]);
    const rowStarts = Int32Array.from({ length: count }, (_, i) => bins * Math.floor(i / columns));
    const isBin = emitter.op('Less', [numbers, number(bins)]);
    const bin = emitter.add(numbers, emitter.constant(rowStarts, [count]));
    const at = emitter.op('Where', [isBin, bin, number(places)]);
    const [zero, one] = [numberOf(emitter, 0, dtype), numberOf(emitter, 1, dtype)];
    const values =
      size(weights.shape) === 0 ? emitter.op('Expand', [one, emitter.int64s([count, 1])]) : emitter.get(weights);
    const rows = emitter.reshape(values, [count, 1]);
    return emitter.reshape(scatterRows(emitter, at, rows, [places, count, 1], zero), shape);
  },
};

function scatterNd(emitter: Emitter, { ins, outs }: Node): Name {
  const { dtype, shape } = outs[0]!;
  const depth = ins.indices!.shape.at(-1)!;
  const count = size(ins.indices!.shape) / depth;
  const width = size(shape.slice(depth));
  const strides = shape.slice(0, depth).map((_, i) => size(shape.slice(i + 1, depth)));
  const indices = emitter.reshape(emitter.get(ins.indices!), [count, depth]);
  const at = emitter.sum(emitter.mul(indices, emitter.constant(Int32Array.from(strides), [depth])), [1]);
  const rows = emitter.reshape(emitter.get(ins.updates!), [count, width]);
  const sizes = [size(shape.slice(0, depth)), count, width] as const;
  return emitter.reshape(scatterRows(emitter, at, rows, sizes, numberOf(emitter, 0, dtype)), shape);
}

function gatherNd(emitter: Emitter, { ins }: Node): Name {
  const at = emitter.op('Cast', [emitter.get(ins.indices!)], { to: INT64 });
  return emitter.op('GatherND', [emitter.get(ins.params!), at]);
}

/** By comparison: ONNX' OneHot counts negative indices from the end, TF.js leaves them out. */
function oneHot(emitter: Emitter, { ins, attrs, outs }: Node): Name {
  const { indices } = ins;
  const depth = attrs.depth as number;
  const { dtype } = outs[0]!;
  const type = numeric(dtype);
  const classes = emitter.constant(
    Int32Array.from({ length: depth }, (_, i) => i),
    [depth],
  ); // prettier-ignore
  const isClass = emitter.op('Equal', [
    emitter.reshape(getAs(emitter, indices!, 'int32'), [...indices!.shape, 1]),
    classes,
  ]);
  const [on, off] = [attrs.onValue, attrs.offValue] as [number, number];
  if (on === 1 && off === 0) return cast(emitter, isClass, 'bool', dtype);
  const chosen = emitter.op('Where', [isClass, numberOf(emitter, on, type), numberOf(emitter, off, type)]);
  return cast(emitter, chosen, type, dtype);
}

function topK(emitter: Emitter, { ins, attrs, outs }: Node): void {
  const k = emitter.int64s([attrs.k as number]);
  const [values, at] = emitter.ops(2, 'TopK', [emitter.get(ins.x!), k]);
  emitter.put(outs[0]!, 'tf', values!);
  emitter.put(outs[1]!, 'tf', emitter.op('Cast', [at!], { to: 6 }));
}

/** Kernels that pick or place by index. */
export const lookupLowerings: LoweringTable = {
  GatherV2: plain(gather),
  GatherNd: plain(gatherNd),
  UnsortedSegmentSum: plain(segmentSum),
  DenseBincount: [denseBincount],
  ScatterNd: plain(scatterNd),
  OneHot: plain(oneHot),
  TopK: plain(topK),
};
