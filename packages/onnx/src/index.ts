export type { ToOnnxOptions } from './export/to-onnx.ts';
export { toOnnx } from './export/to-onnx.ts';
export type { Geometry, Graph, GraphInput, GraphOutput, Node, Value } from './graph/graph.ts';
export type { TraceArgument, TraceOptions, TraceResult } from './trace/trace-function.ts';
export { traceFunction } from './trace/trace-function.ts';
