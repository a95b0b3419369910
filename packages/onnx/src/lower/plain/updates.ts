import type { AdamAttributes, SgdAttributes } from '@kd/ops';
import type { Node } from '../../graph/graph.ts';
import type { Emitter, LoweringTable, Name } from '../lowering.ts';
import { plain } from './plain-lowering.ts';

/** `factor a + term`; no product by 1. */
function scaledSum(emitter: Emitter, factor: number, a: Name, term: Name): Name {
  return emitter.add(factor === 1 ? a : emitter.mul(a, emitter.scalar(factor)), term);
}

function adam(emitter: Emitter, { ins, attrs, outs }: Node): Name {
  const { learningRate, beta1, beta2, epsilon, step, weightDecay = 0 } = attrs as unknown as AdamAttributes;
  const gradient = emitter.get(ins.gradient!);
  const times = (x: Name, factor: number): Name => emitter.mul(x, emitter.scalar(factor));
  const first = scaledSum(emitter, beta1, emitter.get(ins.firstMoment!), times(gradient, 1 - beta1));
  const squares = times(emitter.mul(gradient, gradient), 1 - beta2);
  const second = scaledSum(emitter, beta2, emitter.get(ins.secondMoment!), squares);
  const deviation = times(emitter.op('Sqrt', [second]), 1 / Math.sqrt(1 - beta2 ** step));
  const direction = emitter.op('Div', [first, emitter.add(deviation, emitter.scalar(epsilon))]);
  emitter.put(outs[1]!, 'tf', first);
  emitter.put(outs[2]!, 'tf', second);
  const change = times(direction, -learningRate / (1 - beta1 ** step));
  return scaledSum(emitter, 1 - learningRate * weightDecay, emitter.get(ins.value!), change);
}

function sgd(emitter: Emitter, { ins, attrs, outs }: Node): Name {
  const { learningRate, momentum = 0, nesterov = false, weightDecay = 0 } = attrs as unknown as SgdAttributes;
  const value = emitter.get(ins.value!);
  const gradient = emitter.get(ins.gradient!);
  const slope = weightDecay === 0 ? gradient : scaledSum(emitter, weightDecay, value, gradient);
  const velocity = ins.velocity && scaledSum(emitter, momentum, emitter.get(ins.velocity), slope);
  if (velocity) emitter.put(outs[1]!, 'tf', velocity);
  const direction = nesterov && velocity ? scaledSum(emitter, momentum, velocity, slope) : (velocity ?? slope);
  return emitter.sub(value, emitter.mul(direction, emitter.scalar(learningRate)));
}

/** Optimisers inside of a graph. `KdEma` is elementwise. */
export const updateLowerings: LoweringTable = { KdAdam: plain(adam), KdSgd: plain(sgd) };
