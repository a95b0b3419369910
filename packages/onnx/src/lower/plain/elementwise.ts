import type { DataType } from '@tensorflow/tfjs-core';
import type { Node, Value } from '../../graph/graph.ts';
import { splatOf } from '../constant-value.ts';
import type { Emitter, Layout, Lowering, LoweringTable, Name } from '../lowering.ts';
import { size } from '../size.ts';
import { cast, numberOf } from './cast.ts';

/** An input of the kernel as an operand, in the layout that the kernel is lowered in, cast if a type is given. */
type Operand = (name: string, type?: DataType) => Name;

/** The ONNX operations of one elementwise kernel; they broadcast. */
export type Elementwise = (emitter: Emitter, operand: Operand, node: Node) => Name;

export interface ElementwiseOptions {
  /**
   * Whether finite operands always give a finite result. If not, blocks with lanes that no channel uses are avoided: they
   * must stay finite.
   */
  staysFinite: boolean;
}

type Shape4 = readonly [batch: number, height: number, width: number, channels: number];

const isFull = (value: Value, out: Value): boolean => String(value.shape) === String(out.shape);
const shape4 = ({ shape }: Value): Shape4 =>
  [...Array<number>(4 - shape.length).fill(1), ...shape] as unknown as Shape4;

/** A constant of one value needs no shape where another operand has the whole one. */
function splatBeside(value: Value, { ins, outs }: Node): number | undefined {
  const others = Object.values(ins).filter((each) => each !== value);
  return others.some((other) => isFull(other, outs[0]!)) ? splatOf(value) : undefined;
}

const isSingle = (value: Value, node: Node): boolean =>
  size(value.shape) === 1 || splatBeside(value, node) !== undefined;

/** Blocks are [batch, channels / b, pixels, b]: either the channels or the pixels may be broadcast, not only one side of the image. */
function fitsBlocks(value: Value, [, height, width, channels]: Shape4): boolean {
  const [, h, w, c] = shape4(value);
  return c === 1 ? h * w === 1 || (h === height && w === width) : h * w === 1 && c === channels;
}

function fits(layout: Layout, { staysFinite }: ElementwiseOptions) {
  return (node: Node, emitter: Emitter): boolean => {
    const out = node.outs[0]!;
    const operands = Object.values(node.ins);
    if (out.shape.length !== 4) return false;
    if (!operands.some((value) => isFull(value, out) && emitter.has(value, layout))) return false;
    if (layout !== 'blocked') return true;
    const channels = out.shape[3]!;
    return (
      [out, ...operands].every(({ dtype }) => dtype === 'float32') &&
      (staysFinite || emitter.padded(channels) === channels) &&
      operands.every((value) => isFull(value, out) || isSingle(value, node) || fitsBlocks(value, shape4(out)))
    );
  };
}

/** A smaller operand that broadcasts against [N, C, H, W]. */
function broadcastNchw(emitter: Emitter, value: Value): Name {
  const [n, h, w, c] = shape4(value);
  if (c === 1 || h * w === 1) return emitter.reshape(emitter.get(value), [n, c, h, w]);
  if (value.shape.length === 4) return emitter.get(value, 'nchw');
  return emitter.transpose(emitter.reshape(emitter.get(value), [n, h, w, c]), [0, 3, 1, 2]);
}

/** A smaller operand that broadcasts against [N, Cp / b, H W, b]. */
function broadcastBlocked(emitter: Emitter, value: Value): Name {
  const [n, h, w, c] = shape4(value);
  if (c === 1) return emitter.reshape(emitter.get(value), [n, 1, h * w, 1]);
  const { block } = emitter.target;
  const padded = emitter.padded(c);
  const vectors = emitter.pad(emitter.reshape(emitter.get(value), [n, c]), [0, 0], [0, padded - c]);
  return emitter.reshape(vectors, [n, padded / block, 1, block]);
}

function lower(layout: Layout, make: Elementwise) {
  return (emitter: Emitter, node: Node): Name => {
    const out = node.outs[0]!;
    const [n, h, w, c] = shape4(layout === 'tf' ? { shape: [], dtype: 'float32' } : out);
    const { block } = emitter.target;
    const isSplit =
      layout === 'blocked' && Object.values(node.ins).some((value) => !isFull(value, out) && !isSingle(value, node));
    const inLayout = (value: Value): Name => {
      if (layout === 'tf' || size(value.shape) === 1) return emitter.get(value);
      if (isFull(value, out)) {
        const whole = emitter.get(value, layout);
        return isSplit ? emitter.reshape(whole, [n, emitter.padded(c) / block, h * w, block]) : whole;
      }
      return layout === 'nchw' ? broadcastNchw(emitter, value) : broadcastBlocked(emitter, value);
    };
    const operand: Operand = (name, type) => {
      const value = node.ins[name]!;
      const splat = splatBeside(value, node);
      if (splat !== undefined) return numberOf(emitter, splat, type ?? value.dtype);
      return cast(emitter, inLayout(value), value.dtype, type ?? value.dtype);
    };
    const name = make(emitter, operand, node);
    return isSplit ? emitter.reshape(name, [n, emitter.padded(c), h, w]) : name;
  };
}

/** Lowerings of elementwise kernels, in the layout that their operands already have: this is what spreads layouts. */
export function elementwise(
  kernels: Readonly<Record<string, Elementwise>>,
  options: ElementwiseOptions,
): LoweringTable {
  const ways = (make: Elementwise): Lowering[] => [
    ...['blocked', 'nchw'].map((layout) => ({ layout, when: fits(layout, options), emit: lower(layout, make) })),
    { layout: 'tf', emit: lower('tf', make) },
  ];
  return Object.fromEntries(Object.entries(kernels).map(([kernel, make]) => [kernel, ways(make)]));
}
