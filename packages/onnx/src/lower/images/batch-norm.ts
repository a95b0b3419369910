import type { Node } from '../../graph/graph.ts';
import type { Emitter, Layout, Lowering, Name } from '../lowering.ts';
import { type ChannelAlgebra, channelAlgebra } from './channel-algebra.ts';
import type { Epilogue } from './convolve.ts';
import { isImage } from './image-shape.ts';

/** 1 / sqrt(variance + epsilon) */
export const inverseDeviation = (emitter: Emitter, variance: Name, epsilon: number): Name =>
  emitter.op('Reciprocal', [emitter.op('Sqrt', [emitter.add(variance, emitter.scalar(epsilon))])]);

export const epsilonOf = ({ attrs }: Node): number => attrs.epsilon as number;

export const activationOf = ({ attrs }: Node): Epilogue['activation'] => attrs.act as Epilogue['activation'];

/** Mean and variance are outputs 1 and 2, and again what the backward kernel gets as `saved0` and `saved1`. */
export function putStatistics(emitter: Emitter, { outs }: Node, layout: Layout, mean: Name, variance: Name): void {
  emitter.put(outs[1]!, layout, mean);
  emitter.put(outs[2]!, layout, variance);
  if (outs[3]) emitter.put(outs[3], layout, mean);
  if (outs[4]) emitter.put(outs[4], layout, variance);
}

const valuesPerChannel = (shape: readonly number[]): number =>
  shape.slice(0, -1).reduce((product, size) => product * size, 1);

/**
 * x and its mean, such that sums of squares of x lose no digits: x as it is where it is near zero already (see
 * `centreBatchNorm`), else x minus its mean, which costs a pass.
 */
function centred(emitter: Emitter, node: Node, algebra: ChannelAlgebra, x: Name, mean: Name): [x: Name, mean: Name] {
  if (node.attrs.centred) return [x, mean];
  return [algebra.centre(emitter, x, mean, node.ins.x!.shape), emitter.scalar(0)];
}

const fits =
  (layout: Layout) =>
  (node: Node): boolean =>
    layout === 'tf' || isImage(node.ins.x);

const forward = (layout: Layout): Lowering => ({
  layout,
  when: fits(layout),
  emit(emitter, node) {
    const algebra = channelAlgebra(layout);
    const { x, gamma, beta, z } = node.ins;
    const { shape } = x!;
    const share = emitter.scalar(1 / valuesPerChannel(shape));
    const mean = emitter.mul(algebra.sum(emitter, emitter.get(x!, layout), shape), share);
    const [near, offset] = centred(emitter, node, algebra, emitter.get(x!, layout), mean);
    const square = emitter.mul(algebra.dot(emitter, near, near, shape), share);
    const variance = emitter.op('Max', [emitter.sub(square, emitter.mul(offset, offset)), emitter.scalar(0)]);
    putStatistics(emitter, node, algebra.vector, mean, variance);
    const scale = emitter.mul(
      emitter.get(gamma!, algebra.vector),
      inverseDeviation(emitter, variance, epsilonOf(node)),
    );
    const shift = emitter.sub(emitter.get(beta!, algebra.vector), emitter.mul(offset, scale));
    return algebra.affine(emitter, near, scale, shift, shape, {
      sum: z && emitter.get(z, layout),
      activation: activationOf(node),
    });
  },
});

/**
 * With h = (x - mean) inverse: dGamma = sum dy h, dBeta = sum dy, dx = gamma inverse (dy - dBeta / n - h dGamma / n).
 * As dx = scale (dy + b x + k) the channel's factor is left pending: a convolution behind folds it into its filter.
 */
const backward = (layout: Layout): Lowering => ({
  layout,
  when: fits(layout),
  emit(emitter, node) {
    const algebra = channelAlgebra(layout);
    const { dy, x, gamma, saved0, saved1 } = node.ins;
    const { shape } = x!;
    const share = emitter.scalar(-1 / valuesPerChannel(shape));
    const vector = (value: Node['outs'][0]): Name => emitter.get(value, algebra.vector);
    const gradient = emitter.get(dy!, layout);
    const [near, offset] = centred(emitter, node, algebra, emitter.get(x!, layout), vector(saved0!));
    const inverse = inverseDeviation(emitter, vector(saved1!), epsilonOf(node));
    const dBeta = algebra.sum(emitter, gradient, shape);
    const products = algebra.dot(emitter, gradient, near, shape);
    const dGamma = emitter.mul(inverse, emitter.sub(products, emitter.mul(offset, dBeta)));
    const b = emitter.mul(emitter.mul(inverse, dGamma), share);
    const k = emitter.sub(emitter.mul(dBeta, share), emitter.mul(b, offset));
    emitter.put(node.outs[1]!, algebra.vector, dGamma);
    emitter.put(node.outs[2]!, algebra.vector, dBeta);
    emitter.putScaled(node.outs[0]!, {
      layout,
      name: algebra.affine(emitter, near, b, k, shape, { sum: gradient }),
      factor: emitter.temporary(gamma!.shape, { [algebra.vector]: emitter.mul(vector(gamma!), inverse) }),
    });
  },
});

const layouts: readonly Layout[] = ['blocked', 'nchw', 'tf'];

export const batchNorm: readonly Lowering[] = layouts.map(forward);
export const batchNormGradient: readonly Lowering[] = layouts.map(backward);

/** y = (x - mean) / sqrt(variance + epsilon) scale + offset, all of them given: inference. */
const fixed = (layout: Layout): Lowering => ({
  layout,
  when: fits(layout),
  emit(emitter, node) {
    const algebra = channelAlgebra(layout);
    const { x, mean, variance, scale, offset } = node.ins;
    const vector = (value: Node['outs'][0]): Name => emitter.get(value, algebra.vector);
    const inverse = inverseDeviation(emitter, vector(variance!), node.attrs.varianceEpsilon as number);
    const factor = scale ? emitter.mul(vector(scale), inverse) : inverse;
    const moved = emitter.op('Neg', [emitter.mul(vector(mean!), factor)]);
    const shift = offset ? emitter.add(vector(offset), moved) : moved;
    return algebra.affine(emitter, emitter.get(x!, layout), factor, shift, x!.shape);
  },
});

export const fusedBatchNorm: readonly Lowering[] = layouts.map((layout) => ({
  ...fixed(layout),
  when: (node, _emitter) =>
    fits(layout)(node) && Object.entries(node.ins).every(([name, { shape }]) => name === 'x' || shape.length === 1),
}));
