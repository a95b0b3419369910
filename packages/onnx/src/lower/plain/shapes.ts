import type { Node } from '../../graph/graph.ts';
import type { Emitter, LoweringTable, Name } from '../lowering.ts';
import { plain } from './plain-lowering.ts';

const reshape = (emitter: Emitter, { ins, outs }: Node): Name =>
  emitter.reshape(emitter.get(Object.values(ins)[0]!), outs[0]!.shape);

/** Where a slice that goes backwards ends when the first element is in it. */
export const BEFORE_FIRST: number = -(2 ** 31);

/** Kernels that move elements or repeat them. */
export const shapeLowerings: LoweringTable = {
  Reshape: plain(reshape),
  ExpandDims: plain(reshape),
  Transpose: plain((emitter, { ins, attrs }) => emitter.transpose(emitter.get(ins.x!), attrs.perm as number[])),
  Tile: plain((emitter, { ins, attrs }) =>
    emitter.op('Tile', [emitter.get(ins.x!), emitter.int64s(attrs.reps as number[])]),
  ),
  BroadcastTo: plain((emitter, { ins, outs }) =>
    emitter.op('Expand', [emitter.get(ins.x!), emitter.int64s(outs[0]!.shape)]),
  ),
  Reverse: plain((emitter, { ins, attrs }) => {
    const rank = ins.x!.shape.length;
    const axes = [attrs.dims as number | number[]].flat().map((axis) => (axis < 0 ? axis + rank : axis));
    const all = (value: number): Name => emitter.int64s(axes.map(() => value));
    return axes.length === 0
      ? emitter.get(ins.x!)
      : emitter.op('Slice', [emitter.get(ins.x!), all(-1), all(BEFORE_FIRST), emitter.int64s(axes), all(-1)]);
  }),
};
