import type { Node } from '../../graph/graph.ts';
import type { Emitter, LoweringTable, Name } from '../lowering.ts';
import { plain } from './plain-lowering.ts';

/** Keeps mean and inverse standard deviation of each row, [..., 1], for its gradient. */
function layerNorm(emitter: Emitter, { ins, attrs, outs }: Node): Name {
  const inputs = [ins.x!, ins.gamma!, ins.beta!].map((value) => emitter.get(value));
  const attributes = { axis: -1, epsilon: { float: attrs.epsilon as number } };
  const [y, mean, inverse] = emitter.ops(3, 'LayerNormalization', inputs, attributes);
  if (outs[1]) emitter.put(outs[1], 'tf', mean!);
  if (outs[2]) emitter.put(outs[2], 'tf', inverse!);
  return y!;
}

/** Sums over rows and weighted sums of rows are products of a matrix and a vector: those run on all threads. */
function layerNormGrad(emitter: Emitter, { ins, outs }: Node): Name {
  const { shape } = ins.x!;
  const channels = shape.at(-1)!;
  const rows = shape.slice(0, -1).reduce((count, each) => count * each, 1);
  const matrix = (name: string, width: number): Name => emitter.reshape(emitter.get(ins[name]!), [rows, width]);
  const [dy, inverse, gamma] = [matrix('dy', channels), matrix('saved1', 1), emitter.get(ins.gamma!)];
  const normalised = emitter.mul(emitter.sub(matrix('x', channels), matrix('saved0', 1)), inverse);
  const along = emitter.mul(dy, normalised);

  const ones = emitter.full(1, [1, rows]);
  const columnSums = (x: Name): Name => emitter.reshape(emitter.matMul(ones, x), [channels]);
  emitter.put(outs[1]!, 'tf', columnSums(along));
  emitter.put(outs[2]!, 'tf', columnSums(dy));

  const column = emitter.reshape(gamma, [channels, 1]);
  const weightedMean = (x: Name): Name => emitter.matMul(x, column, { alpha: 1 / channels });
  const centred = emitter.sub(emitter.mul(dy, gamma), weightedMean(dy));
  const dx = emitter.mul(emitter.sub(centred, emitter.mul(normalised, weightedMean(along))), inverse);
  return emitter.reshape(dx, shape);
}

export const layerNormLowerings: LoweringTable = {
  KdLayerNorm: plain(layerNorm),
  KdLayerNormGrad: plain(layerNormGrad),
};
