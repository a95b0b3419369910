import type { Node, Value } from '../../graph/graph.ts';
import type { Emitter, Lowering, Name, Scaled } from '../lowering.ts';
import { channelAlgebra } from './channel-algebra.ts';

/** The pass that a reader pays who cannot fold the factor. */
export function applyPendingFactor(emitter: Emitter, { layout, name, factor }: Scaled, { shape }: Value): Name {
  const algebra = channelAlgebra(layout);
  return algebra.affine(emitter, name, emitter.get(factor, algebra.vector), undefined, shape);
}

/** The node with `dy` as it is without its factor. */
function withPlainGradient(
  emitter: Emitter,
  node: Node,
  { layout, name }: Scaled,
  others: Record<string, Value>,
): Node {
  const dy = emitter.temporary(node.ins.dy!.shape, { [layout]: name });
  return { ...node, ins: { ...node.ins, ...others, dy } };
}

/** A filter, [.., inputs, outputs] or depthwise [.., channels, multiplier], times a factor per output channel. */
function perOutput(emitter: Emitter, node: Node, filter: Name, shape: readonly number[], factor: Value): Name {
  const vector = emitter.get(factor);
  const outputs = node.op.startsWith('Depthwise') ? emitter.reshape(vector, shape.slice(2)) : vector;
  return emitter.mul(filter, outputs);
}

const pending = (node: Node, emitter: Emitter): boolean => emitter.scaled(node.ins.dy!) !== undefined;

/** Input gradients are linear in dy, channel by channel of the filter: the factor goes into the filter, which is small. */
export const factorIntoFilter: Lowering = {
  layout: 'tf',
  when: pending,
  emit(emitter, node) {
    const scaled = emitter.scaled(node.ins.dy!)!;
    const { shape } = node.ins.filter!;
    const tf = perOutput(emitter, node, emitter.get(node.ins.filter!), shape, scaled.factor);
    emitter.emit(withPlainGradient(emitter, node, scaled, { filter: emitter.temporary(shape, { tf }) }));
  },
};

/** Filter gradients: the factor goes into the result. */
export const factorIntoResult: Lowering = {
  layout: 'tf',
  when: pending,
  emit(emitter, node) {
    const scaled = emitter.scaled(node.ins.dy!)!;
    const [result] = node.outs as [Value];
    const raw = emitter.temporary(result.shape, {});
    emitter.emit({ ...withPlainGradient(emitter, node, scaled, {}), outs: [raw] });
    emitter.put(result, 'tf', perOutput(emitter, node, emitter.get(raw), result.shape, scaled.factor));
  },
};
