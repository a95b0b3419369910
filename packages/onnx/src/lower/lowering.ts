import type { Node, Value } from '../graph/graph.ts';

/**
 * How a value is laid out in the ONNX graph. A value has any number of forms; a missing one is made from another on demand, once.
 *
 * - `tf`: as TF.js has it (NHWC, HWIO). Values that are not images have only this.
 * - `nchw`: [N, C, H, W].
 * - `blocked`: declared [N, Cp, H, W], stored [N, Cp / b, H, W, b]; Cp is C rounded up to the block b. Lanes C … Cp - 1 are finite and never read.
 * - `vector`: a per-channel vector, padded with zeros to Cp. Only where there are blocks.
 *
 * Filters have forms of their own, each named where it is made.
 */
export type Layout = string;

/** What to lower for. */
export interface Target {
  /** 1: portable ONNX. 8 or 16: ONNX Runtime's blocked layout (`com.microsoft.nchwc`) where it helps. */
  block: 1 | 8 | 16;
  /** Whether `com.microsoft` operators (FusedMatMul, Gelu …) may be used; an exported file sets false. @default true */
  contrib?: boolean;
}

/** A tensor of the ONNX graph, by name. */
export type Name = string;

/** A float attribute (plain numbers are integers in ONNX). */
interface FloatAttribute {
  float: number | readonly number[];
}

export type Attribute = number | string | readonly number[] | FloatAttribute;

/** Emits ONNX nodes. Equal nodes are shared; those that no output needs are dropped in the end. Shape arguments are numbers. */
export interface Emitter {
  readonly target: Target;
  /** C rounded up to the block. */
  padded(channels: number): number;

  op(op: string, ins: readonly Name[], attributes?: Readonly<Record<string, Attribute>>, domain?: string): Name;
  /** One with several outputs. */
  ops(
    count: number,
    op: string,
    ins: readonly Name[],
    attributes?: Readonly<Record<string, Attribute>>,
    domain?: string,
  ): Name[];

  /** Constants; equal ones are shared. */
  int64s(values: readonly number[]): Name;
  scalar(value: number): Name;
  constant(data: Float32Array | Int32Array | BigInt64Array | Uint8Array, shape: readonly number[]): Name;
  full(value: number, shape: readonly number[]): Name;

  add(a: Name, b: Name): Name;
  sub(a: Name, b: Name): Name;
  mul(a: Name, b: Name): Name;
  reshape(x: Name, shape: readonly number[]): Name;
  transpose(x: Name, permutation: readonly number[]): Name;
  sum(x: Name, axes: readonly number[], keepDims?: boolean): Name;
  /** `alpha op(a) op(b)`: FusedMatMul, or its parts where the target has no contrib operators. */
  matMul(a: Name, b: Name, options?: { transposeA?: boolean; transposeB?: boolean; alpha?: number }): Name;
  slice(x: Name, axis: number, begin: number, end: number, step?: number): Name;
  /** With zeros; gives `x` back where nothing is to be padded. */
  pad(x: Name, before: readonly number[], after: readonly number[]): Name;

  /** Whether the value is there in this form already. */
  has(value: Value, layout: Layout): boolean;
  /** The value in a form, made now if it is missing. @param layout @default 'tf' */
  get(value: Value, layout?: Layout): Name;
  put(value: Value, layout: Layout, name: Name): void;
  /** A value that only this lowering knows, with the forms that it has. */
  temporary(shape: readonly number[], forms: Readonly<Record<Layout, Name>>): Value;
  /** `value = name * vector`, the per-channel factor still pending: kernels linear in it fold the factor, others pay a pass. */
  putScaled(value: Value, scaled: Scaled): void;
  /** The pending factor, if the plain form has not been made yet. */
  scaled(value: Value): Scaled | undefined;
  /** Lowers a node: for lowerings that are made of others. */
  emit(node: Node): void;
}

/** A form with a pending per-channel factor. */
export interface Scaled {
  layout: Layout;
  name: Name;
  factor: Value;
}

/** One way to lower a kernel. Ways are tried in order; the first that fits is taken. */
export interface Lowering {
  /** In which layout output 0 comes; `blocked` ones are tried only where the target has blocks. */
  layout: Layout;
  when?(node: Node, emitter: Emitter): boolean;
  /** @returns output 0, or nothing if it has `put` its outputs itself */
  // biome-ignore lint/suspicious/noConfusingVoidType: a function without a return is one
  emit(emitter: Emitter, node: Node): Name | void;
}

/** By kernel name. */
export type LoweringTable = Readonly<Record<string, readonly Lowering[]>>;

/** How a value gets a form from the ones it has. */
export type FormTable = Readonly<Record<Layout, (emitter: Emitter, value: Value) => Name>>;
