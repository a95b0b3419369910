import { KdError } from '@kd/core';
import type { Node, Value } from '../graph/graph.ts';
import type { ConstantData, OnnxModel, OnnxPort } from '../onnx-file/onnx-model.ts';
import { originOf } from '../trace/origin.ts';
import { constantOf } from './constant-value.ts';
import { KnownShapes, productShape, turnedShape } from './known-shapes.ts';
import type { Emitter, FormTable, Layout, LoweringTable, Name, Scaled, Target } from './lowering.ts';
import { OnnxBuilder } from './onnx-builder.ts';
import { size } from './size.ts';

/** Everything that is known about how to lower. */
export interface LoweringTables {
  lowerings: LoweringTable;
  forms: FormTable;
  /** Makes the plain form from one with a pending factor, in the layout of that one. */
  applyFactor(emitter: Emitter, scaled: Scaled, value: Value): Name;
}

/** The emitter, and what `lowerGraph` does with it in the end. */
export interface GraphEmitter extends Emitter {
  finish(inputs: readonly OnnxPort[], outputs: readonly (OnnxPort & { inner: Name })[]): OnnxModel;
}

/** Above, a constant of one value is made by Expand in each run, and takes no room in the file. */
const LARGEST_FILLED = 1024;

function describe({ op, attrs, ins }: Node): string {
  const inputs = Object.entries(ins).map(([name, { shape, dtype }]) => `${name} ${dtype} [${shape}]`);
  return `${op} (${inputs.join(', ')}) ${JSON.stringify(attrs)}`;
}

export function createEmitter(target: Target, { lowerings, forms, applyFactor }: LoweringTables): GraphEmitter {
  const builder = new OnnxBuilder();
  const contrib = target.contrib ?? true;
  const formsOf = new Map<Value, Map<Layout, Name>>();
  const factors = new Map<Value, Scaled>();
  const known = (value: Value): Map<Layout, Name> => {
    const found = formsOf.get(value) ?? new Map<Layout, Name>();
    formsOf.set(value, found);
    return found;
  };

  const shapes = new KnownShapes();

  const ops: Emitter['ops'] = (count, op, ins, attributes = {}, domain = '') =>
    builder.node(count, op, ins, attributes, domain);
  const op: Emitter['op'] = (name, ins, attributes, domain) =>
    shapes.note(ops(1, name, ins, attributes, domain)[0]!, shapes.ofResult(name, ins));
  const constant = (data: ConstantData, shape: readonly number[]): Name =>
    shapes.note(builder.constant(data, shape), shape);
  const int64s = (values: readonly number[]): Name => constant(BigInt64Array.from(values, BigInt), [values.length]);
  const scalar = (value: number): Name => constant(Float32Array.of(value), []);

  const emitter: GraphEmitter = {
    target,
    padded: (channels) => Math.ceil(channels / target.block) * target.block,
    op,
    ops,
    int64s,
    scalar,
    constant,
    full(value, shape) {
      if (size(shape) > LARGEST_FILLED) return op('Expand', [scalar(value), int64s(shape)]);
      return constant(new Float32Array(size(shape)).fill(value), shape);
    },
    add: (a, b) => op('Add', [a, b]),
    sub: (a, b) => op('Sub', [a, b]),
    mul: (a, b) => op('Mul', [a, b]),
    reshape(x, shape) {
      const source = shapes.sourceOf(x);
      const isThere = [source, x].find((name) => String(shapes.get(name)) === String(shape));
      return isThere ?? shapes.noteReshape(op('Reshape', [source, int64s(shape)]), source, shape);
    },
    transpose(x, perm) {
      const shape = shapes.get(x);
      return shapes.note(op('Transpose', [x], { perm }), shape && perm.map((axis) => shape[axis]!));
    },
    sum(x, axes, keepDims = false) {
      const kept = shapes.get(x)?.map((size, axis) => (axes.includes(axis) ? 1 : size));
      const y = op('ReduceSum', [x, int64s(axes)], { keepdims: keepDims ? 1 : 0 });
      return shapes.note(y, keepDims ? kept : kept?.filter((_, axis) => !axes.includes(axis)));
    },
    matMul(a, b, { transposeA = false, transposeB = false, alpha = 1 } = {}) {
      if (!transposeA && !transposeB && alpha === 1) return op('MatMul', [a, b]);
      if (!contrib) {
        const product = op('MatMul', [transposeA ? turned(a) : a, transposeB ? turned(b) : b]);
        return alpha === 1 ? product : op('Mul', [product, scalar(alpha)]);
      }
      const attributes = { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: alpha } };
      const [left, right] = [shapes.get(a), shapes.get(b)];
      const shape =
        left && right && productShape(transposeA ? turnedShape(left) : left, transposeB ? turnedShape(right) : right);
      return shapes.note(op('FusedMatMul', [a, b], attributes, 'com.microsoft'), shape);
    },
    slice(x, axis, begin, end, step = 1) {
      return op('Slice', [x, int64s([begin]), int64s([end]), int64s([axis]), int64s([step])]);
    },
    pad(x, before, after) {
      if (![...before, ...after].some((each) => each !== 0)) return x;
      const shape = shapes.get(x)?.map((size, axis) => before[axis]! + size + after[axis]!);
      return shapes.note(op('Pad', [x, int64s([...before, ...after])]), shape);
    },

    has: (value, layout) => known(value).has(layout) || factors.get(value)?.layout === layout,
    put(value, layout, name) {
      known(value).set(layout, name);
      if (layout === 'tf') shapes.note(name, value.shape);
    },
    get(value, layout = 'tf') {
      const found = known(value).get(layout);
      if (found !== undefined) return found;
      const name = make(value, layout);
      emitter.put(value, layout, name);
      return name;
    },
    temporary(shape, named) {
      const value: Value = { shape, dtype: 'float32' };
      for (const [layout, name] of Object.entries(named)) emitter.put(value, layout, name);
      return value;
    },
    putScaled: (value, scaled) => void factors.set(value, scaled),
    scaled(value) {
      const scaled = factors.get(value);
      return scaled && !known(value).has(scaled.layout) ? scaled : undefined;
    },
    emit(node) {
      const ways = lowerings[node.op];
      if (!ways) throw missing(node, `there is no lowering for ${node.op}`);
      const hasBlocks = target.block > 1 && node.outs[0]!.dtype === 'float32'; // there are none of integers
      const way = ways.find(
        ({ layout, when }) => (layout !== 'blocked' || hasBlocks) && (when?.(node, emitter) ?? true),
      );
      if (!way) throw missing(node, 'none of its lowerings fits');
      const outer = builder.purpose;
      builder.purpose = `${node.op}/${way.layout}`;
      const name = way.emit(emitter, node);
      if (name !== undefined) emitter.put(node.outs[0]!, way.layout, name);
      builder.purpose = outer;
    },
    finish: (inputs, outputs) => builder.finish(inputs, outputs),
  };

  /** With the last two dimensions exchanged. */
  function turned(x: Name): Name {
    const rank = shapes.get(x)?.length;
    if (rank === undefined) {
      const message = `matMul: the shape of '${x}' is not known, so it cannot be transposed; reshape it before`;
      throw new KdError('UNSUPPORTED', message, { name: x });
    }
    return emitter.transpose(x, turnedShape(Array.from({ length: rank }, (_, axis) => axis)));
  }

  /** A form that the value lacks, from one that it has. */
  function make(value: Value, layout: Layout): Name {
    const scaled = emitter.scaled(value);
    if (scaled?.layout === layout) return applyFactor(emitter, scaled, value);
    if (scaled) emitter.get(value, scaled.layout);
    if (value.data && layout === 'tf') return constantOf(emitter, value);
    const form = forms[layout];
    if (!form) {
      const has = [...known(value).keys()].join(', ') || 'none';
      const message = `lowerGraph: nothing makes the form '${layout}' of ${value.dtype} [${value.shape}] (it has: ${has})`;
      throw new KdError('UNSUPPORTED', message, { layout, shape: value.shape });
    }
    return form(emitter, value);
  }

  return emitter;
}

function missing(node: Node, reason: string): KdError {
  const op = originOf(node);
  const asked = op ? ` (asked for by tf.${op})` : '';
  const message = `lowerGraph: ${reason}: ${describe(node)}${asked}; write the function without this op, or run it on a TF.js backend`;
  return new KdError('UNSUPPORTED', message, { kernel: node.op, attrs: node.attrs, ...(op ? { op } : {}) });
}
