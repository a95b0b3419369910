import type { Node, Value } from '../../graph/graph.ts';
import type { Emitter, LoweringTable, Name } from '../lowering.ts';
import { numberOf } from './cast.ts';
import { plain } from './plain-lowering.ts';

const filled = (emitter: Emitter, value: number, { shape, dtype }: Value): Name =>
  emitter.op('Expand', [numberOf(emitter, value, dtype), emitter.int64s(shape)]);

function sequence(emitter: Emitter, { outs }: Node, start: number, step: number): Name {
  const { shape, dtype } = outs[0]!;
  const values = Array.from({ length: shape[0]! }, (_, i) => start + i * step);
  return emitter.constant(dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values), shape);
}

/** Kernels that make tensors of nothing but a shape. */
export const creationLowerings: LoweringTable = {
  Fill: plain((emitter, { attrs, outs }) => filled(emitter, attrs.value as number, outs[0]!)),
  ZerosLike: plain((emitter, { outs }) => filled(emitter, 0, outs[0]!)),
  OnesLike: plain((emitter, { outs }) => filled(emitter, 1, outs[0]!)),
  Range: plain((emitter, node) => sequence(emitter, node, node.attrs.start as number, node.attrs.step as number)),
  LinSpace: plain((emitter, node) => {
    const { start, stop, num } = node.attrs as { start: number; stop: number; num: number };
    return sequence(emitter, node, start, num > 1 ? (stop - start) / (num - 1) : 0);
  }),
};
