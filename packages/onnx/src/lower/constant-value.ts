import type { Value } from '../graph/graph.ts';
import type { Emitter, Name } from './lowering.ts';

/** The one value that a constant has everywhere, if so. Large ones are nodes of the trace. */
export function splatOf({ data, node }: Value): number | undefined {
  if (node?.op === 'Fill') return node.attrs.value as number;
  const first = data?.[0];
  return data?.every((each) => Object.is(each, first)) ? first : undefined;
}

/** A traced constant as a constant of the graph, in its own type. */
export function constantOf(emitter: Emitter, value: Value): Name {
  const { data, dtype, shape } = value;
  if (dtype === 'int32') return emitter.constant(Int32Array.from(data!), shape);
  if (dtype === 'bool') return emitter.constant(Uint8Array.from(data!), shape);
  const splat = splatOf(value);
  if (splat !== undefined) return emitter.full(splat, shape);
  return emitter.constant(Float32Array.from(data!), shape);
}
