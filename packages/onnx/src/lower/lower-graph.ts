import { KdError, type OwnBytes } from '@kd/core';
import type { DataType } from '@tensorflow/tfjs-core';
import type { Graph, Value } from '../graph/graph.ts';
import { encodeModel } from '../onnx-file/encode-model.ts';
import type { ElementType, OnnxModel, OnnxPort } from '../onnx-file/onnx-model.ts';
import { createEmitter } from './emitter.ts';
import type { Layout, Target } from './lowering.ts';
import { TABLES } from './table.ts';

/** An input or output of a lowered graph. */
export interface LoweredPort {
  name: string;
  /** As the ONNX graph has it. */
  shape: readonly number[];
  dtype: 'float32' | 'int32' | 'bool';
}

/** A graph as an ONNX file, and what goes in and out, in the order of the traced graph. */
export interface LoweredGraph {
  bytes: OwnBytes;
  inputs: LoweredPort[];
  outputs: LoweredPort[];
}

export interface LowerGraphOptions {
  /** Inputs by name that arrive as [N, C, H, W] and not as TF.js has them. */
  inputLayouts?: Readonly<Record<string, 'nchw'>>;
  /** Inputs by name that become constants of the graph. */
  weights?: Readonly<Record<string, Float32Array | Int32Array>>;
  /** Forms that inputs get before anything is lowered, by name: for tests of lowerings that follow their operands' layout. */
  forms?: Readonly<Record<string, Layout>>;
}

function typeOf(dtype: DataType): LoweredPort['dtype'] & ElementType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new KdError('UNSUPPORTED', `lowerGraph: ${dtype} tensors have no lowering; use float32, int32 or bool`, {
    dtype,
  });
}

/** Shape of a value in a layout that inputs can have. */
function shapeIn({ shape }: Value, layout: Layout): readonly number[] {
  if (layout === 'tf') return shape;
  const [batch, height, width, channels] = shape as [number, number, number, number];
  return [batch, channels, height, width];
}

/** A lowered graph, not yet written. */
export interface LoweredModel {
  model: OnnxModel;
  inputs: LoweredPort[];
  outputs: LoweredPort[];
}

/** As `lowerGraph`; what comes out can still be changed. */
export function lowerToModel(graph: Graph, target: Target, options: LowerGraphOptions = {}): LoweredModel {
  const { inputLayouts = {}, forms = {}, weights = {} } = options;
  const emitter = createEmitter(target, TABLES);
  const inputs: LoweredPort[] = [];
  for (const { name, value } of graph.inputs) {
    const weight = weights[name];
    const layout = inputLayouts[name] ?? 'tf';
    emitter.put(value, layout, weight ? emitter.constant(weight, value.shape) : name);
    if (!weight) inputs.push({ name, shape: shapeIn(value, layout), dtype: typeOf(value.dtype) });
    const form = forms[name];
    if (form !== undefined && !(form === 'blocked' && target.block === 1)) emitter.get(value, form);
  }
  for (const node of graph.nodes) emitter.emit(node);
  const outputs = graph.outputs.map(({ name, value }) => ({ name, shape: value.shape, dtype: typeOf(value.dtype) }));
  const port = ({ name, shape, dtype }: LoweredPort): OnnxPort => ({ name, shape, type: dtype });
  const model = emitter.finish(
    inputs.map(port),
    graph.outputs.map(({ value }, i) => ({ ...port(outputs[i]!), inner: emitter.get(value) })),
  );
  return { model, inputs, outputs };
}

/**
 * Lowers a traced graph to ONNX.
 *
 * @param graph after the passes; it is not changed
 * @throws {KdError} UNSUPPORTED for a kernel without a lowering, or a type that has none
 */
export function lowerGraph(graph: Graph, target: Target, options: LowerGraphOptions = {}): LoweredGraph {
  const { model, inputs, outputs } = lowerToModel(graph, target, options);
  return { bytes: encodeModel(model), inputs, outputs };
}
