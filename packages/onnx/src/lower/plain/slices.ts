import { slice_util } from '@tensorflow/tfjs-core';
import type { Node } from '../../graph/graph.ts';
import type { Emitter, LoweringTable, Name } from '../lowering.ts';
import { numberOf } from './cast.ts';
import { plain } from './plain-lowering.ts';
import { BEFORE_FIRST } from './shapes.ts';

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** An axis that may be counted from the end. */
const axisOf = ({ attrs }: Node, rank: number): number => {
  const axis = [attrs.axis as number | number[]].flat()[0]!;
  return axis < 0 ? axis + rank : axis;
};

function slice(emitter: Emitter, { ins, attrs, outs }: Node): Name {
  const begin = [attrs.begin as number | number[]].flat();
  const ends = begin.map((each, i) => each + outs[0]!.shape[i]!);
  return emitter.op('Slice', [emitter.get(ins.x!), emitter.int64s(begin), emitter.int64s(ends)]);
}

function stridedSlice(emitter: Emitter, { ins, attrs, outs }: Node): Name {
  const list = (name: string): number[] => [...((attrs[name] as readonly number[] | undefined) ?? [])];
  const mask = (name: string): number => (attrs[name] as number | undefined) ?? 0;
  const info = slice_util.sliceInfo(
    [...ins.x!.shape],
    list('begin'),
    list('end'),
    list('strides'),
    mask('beginMask'),
    mask('endMask'),
    mask('ellipsisMask'),
    mask('newAxisMask'),
    mask('shrinkAxisMask'),
  );
  // A step backwards ends before the first element at -1, which ONNX would count from the end.
  const ends = info.end.map((each) => (each < 0 ? BEFORE_FIRST : each));
  const parts = [info.begin, ends, range(ends.length), info.strides].map((each) => emitter.int64s(each));
  return emitter.reshape(emitter.op('Slice', [emitter.get(ins.x!), ...parts]), outs[0]!.shape);
}

function pad(emitter: Emitter, { ins, attrs }: Node): Name {
  const paddings = attrs.paddings as readonly (readonly [number, number])[];
  const widths = emitter.int64s([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
  const value = numberOf(emitter, (attrs.constantValue as number | undefined) ?? 0, ins.x!.dtype);
  return emitter.op('Pad', [emitter.get(ins.x!), widths, value]);
}

/** By picking rows along each axis: ONNX' Pad mirrors without the edge only. */
function mirrorPad(emitter: Emitter, { ins, attrs }: Node): Name {
  const paddings = attrs.paddings as readonly (readonly [number, number])[];
  const offset = attrs.mode === 'reflect' ? 0 : 1;
  return paddings.reduce((x, [before, after], axis) => {
    if (before === 0 && after === 0) return x;
    const size = ins.x!.shape[axis]!;
    const sources = range(before + size + after).map((i) => {
      const at = i - before;
      if (at < 0) return -at - offset;
      return at < size ? at : 2 * (size - 1) - at + offset;
    });
    return emitter.op('Gather', [x, emitter.int64s(sources)], { axis });
  }, emitter.get(ins.x!));
}

function concat(emitter: Emitter, node: Node): Name {
  // TF.js also takes empty tensors of any rank
  const parts = Object.values(node.ins).filter(({ shape }) => !shape.includes(0));
  const axis = axisOf(node, node.outs[0]!.shape.length);
  if (parts.length === 1) return emitter.get(parts[0]!);
  return emitter.op(
    'Concat',
    parts.map((part) => emitter.get(part)),
    { axis },
  ); // prettier-ignore
}

/** The parts of an axis, of these sizes. */
function parts(emitter: Emitter, node: Node, sizes: readonly number[]): Name[] {
  const x = emitter.get(node.ins.x ?? node.ins.value!);
  if (sizes.length === 1) return [x];
  const axis = axisOf(node, (node.ins.x ?? node.ins.value!).shape.length);
  return emitter.ops(sizes.length, 'Split', [x, emitter.int64s(sizes)], { axis });
}

function split(emitter: Emitter, node: Node): void {
  const axis = axisOf(node, node.ins.x!.shape.length);
  const sizes = node.outs.map(({ shape }) => shape[axis]!);
  for (const [i, part] of parts(emitter, node, sizes).entries()) emitter.put(node.outs[i]!, 'tf', part);
}

function unpack(emitter: Emitter, node: Node): void {
  const sizes = node.outs.map(() => 1);
  for (const [i, part] of parts(emitter, node, sizes).entries()) {
    emitter.put(node.outs[i]!, 'tf', emitter.reshape(part, node.outs[i]!.shape));
  }
}

function pack(emitter: Emitter, node: Node): Name {
  const { shape } = node.outs[0]!;
  const axis = axisOf(node, shape.length);
  const single = shape.map((size, i) => (i === axis ? 1 : size));
  const rows = Object.values(node.ins).map((value) => emitter.reshape(emitter.get(value), single));
  return rows.length === 1 ? rows[0]! : emitter.op('Concat', rows, { axis });
}

/** Kernels that take tensors apart and put them together. */
export const sliceLowerings: LoweringTable = {
  Slice: plain(slice),
  StridedSlice: plain(stridedSlice),
  PadV2: plain(pad),
  MirrorPad: plain(mirrorPad),
  Concat: plain(concat),
  SplitV: plain(split),
  Pack: plain(pack),
  Unpack: plain(unpack),
};
