import * as tf from '@tensorflow/tfjs-core';
import { constant, constantData, fill, sameShape } from '../graph/constants.ts';
import type { Node, Value } from '../graph/graph.ts';
import { traceError } from './errors.ts';
import { foldKernel } from './fold.ts';
import { currentLine, currentOp, remember } from './origin.ts';
import type { Shaped } from './rules/rule.ts';
import { withoutZeros } from './zeros.ts';

/** Captured tensors above this are refused: they would be copied into the graph, and a graph must stay below 2 GB. */
const LARGEST_CAPTURED = 4 * 2 ** 20;

const bytesOf = ({ shape, dtype }: Shaped): number =>
  shape.reduce((product, size) => product * size, 1) * tf.util.bytesPerElement(dtype);

/** Whether a kernel gives back what it got. */
function isAlias(op: string, x: Value | undefined, out: Shaped): boolean {
  if (!x || !['Identity', 'Cast', 'Reshape'].includes(op)) return false;
  return x.dtype === out.dtype && sameShape(x.shape, out.shape);
}

/** Reshaped twice is reshaped once. */
export const beforeReshape = (x: Value): Value => (x.node?.op === 'Reshape' ? x.node.ins.x! : x);

/**
 * A backend of TF.js that computes nothing: a kernel becomes a node of a graph, and the dataId of a tensor is its `Value`.
 * One is made for each trace.
 */
export class RecordingBackend extends tf.KernelBackend {
  readonly nodes: Node[] = [];
  /** What is a state: variables by the value they had before, in the order in which they were first read. */
  readonly states: Map<tf.Variable, Value> = new Map();
  /** Tensors that are alive, for the engine's count. */
  liveTensors = 0;
  liveBytes = 0;
  /** What the function did although it must not; thrown in the end even if it was caught on the way. */
  violation: Error | undefined;

  /** The dataIds that variables had before the trace. */
  private readonly initial: ReadonlyMap<tf.Variable, object>;
  private readonly made = new Set<object>();
  private readonly zeros = new Set<Value>();
  private readonly captured = new Map<object, Value>();

  constructor(initial: ReadonlyMap<tf.Variable, object>) {
    super();
    this.initial = initial;
  }

  /** Everything that tensors of this trace refer to. */
  get dataIds(): ReadonlySet<object> {
    return this.made;
  }

  /** A tensor of this trace, or of another backend that the function has caught hold of. */
  valueFor(tensor: tf.TensorInfo): Value {
    if (this.made.has(tensor.dataId)) return tensor.dataId as Value;
    const variable = tensor instanceof tf.Variable ? this.sourceOf(tensor) : undefined;
    if (variable) return this.stateOf(variable);
    const known = this.captured.get(tensor.dataId);
    if (known && sameShape(known.shape, tensor.shape)) return known;
    const value = this.own(this.capture(tensor));
    this.captured.set(tensor.dataId, value);
    return value;
  }

  /** The variable whose numbers a variable has: its own, or another's that was assigned to it. */
  private sourceOf(variable: tf.Variable): tf.Variable | undefined {
    if (this.initial.get(variable) === variable.dataId) return variable;
    for (const [other, dataId] of this.initial) if (dataId === variable.dataId) return other;
    return undefined;
  }

  stateOf(variable: tf.Variable): Value {
    let value = this.states.get(variable);
    if (!value) {
      value = { shape: variable.shape, dtype: variable.dtype };
      this.states.set(variable, value);
      this.made.add(value);
    }
    return value;
  }

  private capture(tensor: tf.TensorInfo): Value {
    if (bytesOf(tensor) > LARGEST_CAPTURED) {
      const size = `${tensor.dtype} [${tensor.shape}], ${(bytesOf(tensor) / 2 ** 20).toFixed(1)} MB`;
      this.refuse(
        `the function uses a tensor from outside of it (${size}) that is too large for a constant (at most ` +
          `${LARGEST_CAPTURED / 2 ** 20} MB); pass it as an argument, or make it a tf.variable, which is read at each run`,
        { shape: tensor.shape },
      );
    }
    return constant(tf.engine().readSync(tensor.dataId) as tf.TypedArray, tensor.shape, tensor.dtype);
  }

  private refuse(message: string, details: Record<string, unknown> = {}): never {
    const op = currentOp();
    const line = currentLine();
    const where = [op && `in tf.${op}`, line && `at ${line}`].filter(Boolean).join(' ');
    this.violation ??= traceError('UNSUPPORTED', where ? `${message} (${where})` : message, details);
    throw this.violation;
  }

  /** Records a kernel, and gives the dataIds of its outputs. */
  record(op: string, given: Record<string, Value>, attrs: object, outs: readonly Shaped[]): Value[] {
    const source = op === 'Reshape' ? beforeReshape(given.x!) : given.x;
    if (outs.length === 1 && isAlias(op, source, outs[0]!)) return [source!];
    if (op === 'ZerosLike' || op === 'OnesLike') {
      return [this.own(fill(outs[0]!.shape, op === 'ZerosLike' ? 0 : 1, outs[0]!.dtype))];
    }
    const ins = source ? { ...given, x: source } : given;
    const node: Node = { op, attrs: attrs as Node['attrs'], ins, outs: [] };
    node.outs = outs.map(({ shape, dtype }, index) => ({ shape, dtype, node, index }));
    const rest = withoutZeros(node, this.zeros);
    if (rest) return [rest === 'zeros' ? this.nothing(outs[0]!.shape) : rest];
    const folded = foldKernel(node);
    if (folded) return [this.own(folded)];
    remember(node);
    this.nodes.push(node);
    for (const value of node.outs) this.made.add(value);
    return node.outs;
  }

  /** Makes a value one of this trace, with the node of a `Fill`. */
  own(value: Value): Value {
    this.made.add(value);
    remember(value);
    if (value.node) this.nodes.push(value.node);
    return value;
  }

  /** A gradient that is zero, so that what is computed from it is zero as well. */
  nothing(shape: readonly number[]): Value {
    const value = this.own(fill(shape, 0, 'float32'));
    this.zeros.add(value);
    return value;
  }

  /** Counts a new tensor; the engine makes it of what it gets back. */
  give(value: Value): tf.TensorInfo {
    this.count(value, 1);
    return { dataId: value, shape: [...value.shape], dtype: value.dtype };
  }

  private count(value: Shaped, tensors: number): void {
    this.liveTensors += tensors;
    this.liveBytes += tensors * bytesOf(value);
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    return this.give(this.own(constant(values as tf.TypedArray, shape, dtype))).dataId;
  }

  override readSync(dataId: object): tf.BackendValues {
    const data = constantData(dataId as Value);
    if (data) return data.slice();
    return this.refuse(
      'a value was asked for (dataSync, arraySync, data, print or a branch on it), but a trace knows only shapes. Return the ' +
        'tensor and read it after the run; choose by tf.where instead of if; of our losses, switch off checks that read ' +
        '(validateLabels: false)',
    );
  }

  override async read(dataId: object): Promise<tf.BackendValues> {
    try {
      return this.readSync(dataId);
    } catch {
      return new Promise(() => {}); // the trace throws; a promise that nobody waits for must not reject
    }
  }

  override incRef(dataId: object): void {
    if (this.made.has(dataId)) this.count(dataId as Value, 1); // else a tensor from outside was assigned to a variable
  }

  override disposeData(dataId: object): boolean {
    this.count(dataId as Value, -1);
    return false; // the engine forgets it in the end
  }

  override refCount(): number {
    return 1;
  }

  override numDataIds(): number {
    return 0;
  }

  override move(): void {}

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {}
}
