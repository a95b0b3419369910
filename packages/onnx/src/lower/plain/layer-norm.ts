import { sameShape } from '../../graph/constants.ts';
import type { Node } from '../../graph/graph.ts';
import type { Emitter, Lowering, LoweringTable, Name } from '../lowering.ts';
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

/** Statistics for each value and not each channel: what the layer normalisation of tfjs-layers asks of batch-norm. */
const elementwiseBatchNorm: Lowering = {
  layout: 'tf',
  when: ({ ins: { x, ...others } }) =>
    Object.values(others).every(({ shape }) => sameShape(shape, x!.shape.slice(x!.shape.length - shape.length))),
  emit(emitter, { ins, attrs }) {
    const of = (name: string): Name => emitter.get(ins[name]!);
    const variance = emitter.add(of('variance'), emitter.scalar(attrs.varianceEpsilon as number));
    const normal = emitter.op('Div', [emitter.sub(of('x'), of('mean')), emitter.op('Sqrt', [variance])]);
    const scaled = ins.scale ? emitter.mul(normal, of('scale')) : normal;
    return ins.offset ? emitter.add(scaled, of('offset')) : scaled;
  },
};

export const layerNormLowerings: LoweringTable = {
  KdLayerNorm: plain(layerNorm),
  KdLayerNormGrad: plain(layerNormGrad),
  FusedBatchNorm: [elementwiseBatchNorm],
};
