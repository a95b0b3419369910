import type { Node } from '../../graph/graph.ts';
import type { Emitter, Lowering, LoweringTable, Name } from '../lowering.ts';
import { cast, getAs, numeric, type ValueType } from './cast.ts';

/** The axes that a kernel reduces, none negative. TF.js names them differently; without any all are meant. */
function reducedAxes({ ins, attrs }: Node): number[] {
  const rank = ins.x!.shape.length;
  const named = (attrs.axis ?? attrs.reductionIndices) as number | readonly number[] | undefined | null;
  const axes = named === undefined || named === null ? ins.x!.shape.map((_, i) => i) : [named].flat();
  return axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

type Reduce = (emitter: Emitter, x: Name, axes: readonly number[], keepdims: number) => Name;

const byAttribute =
  (op: string): Reduce =>
  (emitter, x, axes, keepdims) =>
    emitter.op(op, [x], { axes, keepdims });

const sum: Reduce = (emitter, x, axes, keepdims) => emitter.sum(x, axes, keepdims === 1);

/** @param computedIn ONNX reduces no booleans */
function reduction(reduce: Reduce, computedIn: (node: Node) => ValueType): readonly Lowering[] {
  const emit = (emitter: Emitter, node: Node): Name => {
    const type = computedIn(node);
    const x = getAs(emitter, node.ins.x!, type);
    const axes = reducedAxes(node);
    const y = axes.length === 0 ? x : reduce(emitter, x, axes, node.attrs.keepDims ? 1 : 0);
    return cast(emitter, y, type, node.outs[0]!.dtype);
  };
  return [{ layout: 'tf', emit }];
}

const resultType = ({ outs }: Node): ValueType => numeric(outs[0]!.dtype);
const int32 = (): ValueType => 'int32';

/** Of the first of equal values; along one axis, which goes. */
function argument(op: string): readonly Lowering[] {
  const emit = (emitter: Emitter, { ins, attrs }: Node): Name => {
    const x = ins.x!;
    const axis = [attrs.axis as number | readonly number[]].flat()[0]!;
    const at = emitter.op(op, [getAs(emitter, x, numeric(x.dtype))], { axis, keepdims: 0 });
    return emitter.op('Cast', [at], { to: 6 });
  };
  return [{ layout: 'tf', emit }];
}

const cumulativeSum = (emitter: Emitter, { ins, attrs, outs }: Node): Name => {
  const axis = emitter.constant(Int32Array.of(attrs.axis as number), []);
  return emitter.op('CumSum', [getAs(emitter, ins.x!, numeric(outs[0]!.dtype)), axis], {
    exclusive: attrs.exclusive ? 1 : 0,
    reverse: attrs.reverse ? 1 : 0,
  });
};

/** Sums, extremes and the like over axes. */
export const reductionLowerings: LoweringTable = {
  Sum: reduction(sum, resultType),
  Mean: reduction(byAttribute('ReduceMean'), () => 'float32'),
  Max: reduction(byAttribute('ReduceMax'), resultType),
  Min: reduction(byAttribute('ReduceMin'), resultType),
  Prod: reduction(byAttribute('ReduceProd'), resultType),
  All: reduction(byAttribute('ReduceMin'), int32),
  Any: reduction(byAttribute('ReduceMax'), int32),
  ArgMax: argument('ArgMax'),
  ArgMin: argument('ArgMin'),
  Cumsum: [{ layout: 'tf', emit: cumulativeSum }],
};
