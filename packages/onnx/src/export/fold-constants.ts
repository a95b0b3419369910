import type { Name } from '../lower/lowering.ts';
import { size } from '../lower/size.ts';
import type { OnnxConstant, OnnxModel, OnnxNode } from '../onnx-file/onnx-model.ts';

type Constants = ReadonlyMap<Name, OnnxConstant>;
type Folded = Pick<OnnxConstant, 'shape' | 'data'>;

/** Elements of row-major data, in the order of the permuted shape. */
function transposed({ shape, data }: Folded, permutation: readonly number[]): Folded {
  const strides = shape.map((_, i) => size(shape.slice(i + 1)));
  const to = permutation.map((axis) => shape[axis]!);
  const steps = permutation.map((axis) => strides[axis]!);
  const moved = data.slice();
  const place = to.map(() => 0);
  let from = 0;
  for (let i = 0; i < moved.length; i++) {
    moved[i] = data[from]!;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      place[axis]!++;
      if (place[axis]! < to[axis]!) break;
      from -= steps[axis]! * to[axis]!;
      place[axis] = 0;
    }
  }
  return { shape: to, data: moved };
}

const UNARY: Readonly<Record<string, (x: number) => number>> = {
  Neg: (x) => -x,
  Sqrt: Math.sqrt,
  Reciprocal: (x) => 1 / x,
};

const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

/** Of two float constants of one shape, or of which one is a single number. */
function combined(f: (a: number, b: number) => number, a: Folded, b: Folded): Folded | undefined {
  if (!(a.data instanceof Float32Array) || !(b.data instanceof Float32Array)) return undefined;
  const [left, right] = [a.data, b.data];
  if (String(a.shape) === String(b.shape)) return { shape: a.shape, data: left.map((each, i) => f(each, right[i]!)) };
  if (b.shape.length === 0) return { shape: a.shape, data: left.map((each) => f(each, right[0]!)) };
  if (a.shape.length === 0) return { shape: b.shape, data: right.map((each) => f(left[0]!, each)) };
  return undefined;
}

function fold({ op, ins, attributes }: OnnxNode, constants: Constants): Folded | undefined {
  const inputs = ins.map((name) => constants.get(name));
  const [first, second] = inputs;
  if (!first || inputs.some((each) => !each)) return undefined;
  if (op === 'Transpose') return transposed(first, attributes.perm as readonly number[]);
  if (op === 'Reshape') {
    const shape = Array.from(second!.data as BigInt64Array, Number);
    return shape.every((each) => each > 0) ? { shape, data: first.data } : undefined;
  }
  if (UNARY[op] && first.data instanceof Float32Array) return { shape: first.shape, data: first.data.map(UNARY[op]) };
  return BINARY[op] && second ? combined(BINARY[op], first, second) : undefined;
}

/**
 * Computes what an exported model would have to compute of its weights alone: filters in ONNX' order, the factors of
 * batch-norms. A file of a few operations of weights more is correct too, but not every reader does this when it loads.
 */
export function foldConstants(model: OnnxModel): OnnxModel {
  const constants = new Map(model.constants.map((constant) => [constant.name, constant]));
  const nodes = model.nodes.filter((node) => {
    if (node.domain !== '' || node.outs.length !== 1) return true;
    const folded = fold(node, constants);
    if (!folded) return true;
    const name = node.outs[0]!;
    constants.set(name, { name, ...folded });
    return false;
  });
  const used = new Set(nodes.flatMap(({ ins }) => ins));
  return { ...model, nodes, constants: [...constants.values()].filter(({ name }) => used.has(name)) };
}
