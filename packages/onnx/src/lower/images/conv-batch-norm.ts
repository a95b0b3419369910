import type { Node, Value } from '../../graph/graph.ts';
import type { Emitter, Layout, Lowering, Name } from '../lowering.ts';
import { activationOf, epsilonOf, inverseDeviation, putStatistics } from './batch-norm.ts';
import { channelAlgebra } from './channel-algebra.ts';
import { blockedConvolve, nchwConvolve } from './convolve.ts';
import { imageShape, pointwise } from './image-shape.ts';

/** Of the narrow side of an expanding 1x1 convolution: its mean over all pixels, and its covariance times the number of pixels. */
interface Narrow {
  /** [1, I] */
  mean: Name;
  /** [I, I] */
  scatter: Name;
  pixels: number;
}

/** Centred before it is squared, which is cheap on the narrow side; equal nodes are shared, so forward and backward pay once. */
function narrowSide(emitter: Emitter, x: Value): Narrow {
  const { batch, channels, pixels } = imageShape(x);
  const planes = emitter.reshape(emitter.get(x, 'nchw'), [batch, channels, pixels]);
  const all = batch * pixels;
  const mean = emitter.mul(emitter.sum(planes, [0, 2]), emitter.scalar(1 / all));
  const near = emitter.sub(planes, emitter.reshape(mean, [channels, 1]));
  const scatter = emitter.sum(emitter.matMul(near, near, { transposeB: true }), [0]);
  return { mean: emitter.reshape(mean, [1, channels]), scatter, pixels: all };
}

/** The parts of both directions: the filter as a matrix [I, O], and what the statistics make of it. */
function parts(emitter: Emitter, node: Node) {
  const { x, filter } = node.ins as { x: Value; filter: Value };
  const [inputs, outputs] = filter.shape.slice(2) as [number, number];
  return { x, inputs, outputs, matrix: emitter.reshape(emitter.get(filter), [inputs, outputs]) };
}

/**
 * A 1x1 convolution that widens, and batch-norm behind it, without a pass over the wide tensor but the product itself: with W
 * the filter, mean = mean(x) W and variance = diag(W' Cov(x) W), and the scale goes into the filter.
 */
const forward = (layout: Layout): Lowering => ({
  layout,
  emit(emitter, node) {
    const { x, inputs, outputs, matrix } = parts(emitter, node);
    const { mean: narrowMean, scatter, pixels } = narrowSide(emitter, x);
    const mean = emitter.reshape(emitter.matMul(narrowMean, matrix), [outputs]);
    const spread = emitter.sum(emitter.mul(emitter.matMul(scatter, matrix), matrix), [0]);
    const variance = emitter.op('Max', [emitter.mul(spread, emitter.scalar(1 / pixels)), emitter.scalar(0)]);
    putStatistics(emitter, node, 'tf', mean, variance);
    const scale = emitter.mul(emitter.get(node.ins.gamma!), inverseDeviation(emitter, variance, epsilonOf(node)));
    const shape = [1, 1, inputs, outputs];
    const filter = emitter.temporary(shape, { tf: emitter.reshape(emitter.mul(matrix, scale), shape) });
    // (x - mean(x)) W' is x W' - mean W': the bias.
    const shift = emitter.sub(emitter.get(node.ins.beta!), emitter.mul(mean, scale));
    const options = { kernel: pointwise.kernel, activation: activationOf(node) };
    if (layout === 'blocked') {
      const bias = emitter.get(emitter.temporary([outputs], { tf: shift }), 'vector');
      return blockedConvolve(emitter, emitter.get(x, 'blocked'), emitter.get(filter, 'dense.blocked'), {
        ...options,
        bias,
      });
    }
    return nchwConvolve(emitter, emitter.get(x, 'nchw'), emitter.get(filter, 'dense'), { ...options, bias: shift });
  },
});

/** dFilter without batch-norm, T = x' dy, from which all sums of the backward pass follow: [I, O]. */
function plainFilterGradient(emitter: Emitter, { ins }: Node, inputs: number, outputs: number): Name {
  const gradient = emitter.temporary([1, 1, inputs, outputs], {});
  emitter.emit({
    op: 'Conv2DBackpropFilter',
    attrs: {},
    geometry: pointwise,
    ins: { x: ins.x!, dy: ins.dy! },
    outs: [gradient],
  });
  return emitter.reshape(emitter.get(gradient), [inputs, outputs]);
}

/**
 * With u = x W the convolution's output, du = s (dy + b (u - mean) + k) as in batch-norm's backward pass, and u linear in x:
 * dx = (W s) dy + (W (s b) W') (x - mean(x)) + W (s k), and dFilter likewise by the scatter matrix of x.
 */
const backward = (layout: Layout): Lowering => ({
  layout,
  emit(emitter, node) {
    const { x, inputs, outputs, matrix } = parts(emitter, node);
    const { dy, gamma, saved1, z } = node.ins as Record<string, Value>;
    const algebra = channelAlgebra(layout);
    const { mean: narrowMean, scatter, pixels } = narrowSide(emitter, x);
    const share = emitter.scalar(-1 / pixels);
    const inverse = inverseDeviation(emitter, emitter.get(saved1!), epsilonOf(node));
    const scale = emitter.mul(emitter.get(gamma!), inverse);

    const products = plainFilterGradient(emitter, node, inputs, outputs);
    const sums = algebra.sum(emitter, emitter.get(dy!, layout), dy!.shape);
    const dBeta = emitter.get(emitter.temporary([outputs], { [algebra.vector]: sums }));
    const column = emitter.reshape(narrowMean, [inputs, 1]);
    // Of centred x: T - mean(x)' sum(dy)
    const near = emitter.sub(products, emitter.mul(column, dBeta));
    const dGamma = emitter.mul(inverse, emitter.sum(emitter.mul(matrix, near), [0]));
    const slope = emitter.mul(emitter.mul(emitter.mul(scale, inverse), dGamma), share); // s b
    const level = emitter.mul(emitter.mul(scale, dBeta), share); // s k
    emitter.put(node.outs[2]!, 'tf', dGamma);
    emitter.put(node.outs[3]!, 'tf', dBeta);
    // The part of `level` meets the mean of centred x, which is zero.
    const dFilter = emitter.add(emitter.mul(near, scale), emitter.mul(emitter.matMul(scatter, matrix), slope));
    emitter.put(node.outs[1]!, 'tf', emitter.reshape(dFilter, [1, 1, inputs, outputs]));

    const scaled = emitter.mul(matrix, scale);
    const mixing = emitter.matMul(matrix, emitter.mul(matrix, slope), { transposeB: true });
    const levels = emitter.matMul(matrix, emitter.reshape(level, [outputs, 1]));
    const constant = emitter.reshape(emitter.sub(levels, emitter.matMul(mixing, column)), [inputs]);
    const gradient: Parts = { scaled, mixing, constant, inputs, outputs };
    return (layout === 'blocked' ? blockedInputGradient : nchwInputGradient)(emitter, x, dy!, z, gradient);
  },
});

/** dx = scaled dy + mixing x + constant. */
interface Parts {
  scaled: Name;
  mixing: Name;
  constant: Name;
  inputs: number;
  outputs: number;
}

function blockedInputGradient(emitter: Emitter, x: Value, dy: Value, z: Value | undefined, parts: Parts): Name {
  const { scaled, mixing, constant, inputs, outputs } = parts;
  const filter = (matrix: Name, shape: readonly number[]): Value =>
    emitter.temporary(shape, { tf: emitter.reshape(matrix, shape) });
  const fromGradient = filter(scaled, [1, 1, inputs, outputs]);
  const fromInput = filter(mixing, [1, 1, inputs, inputs]);
  const kernel: [number, number] = [1, 1];
  const first = blockedConvolve(
    emitter,
    emitter.get(dy, 'blocked'),
    emitter.get(fromGradient, 'dense.blocked.gradient'),
    {
      kernel,
      bias: emitter.get(emitter.temporary([inputs], { tf: constant }), 'vector'),
      sum: z && emitter.get(z, 'blocked'),
    },
  );
  return blockedConvolve(emitter, emitter.get(x, 'blocked'), emitter.get(fromInput, 'dense.blocked'), {
    kernel,
    sum: first,
  });
}

function nchwInputGradient(emitter: Emitter, x: Value, dy: Value, z: Value | undefined, parts: Parts): Name {
  const { scaled, mixing, constant, inputs, outputs } = parts;
  const { batch, height, width, pixels } = imageShape(x);
  const planes = (value: Value, channels: number): Name =>
    emitter.reshape(emitter.get(value, 'nchw'), [batch, channels, pixels]);
  const products = emitter.add(emitter.matMul(scaled, planes(dy, outputs)), emitter.matMul(mixing, planes(x, inputs)));
  const sum = emitter.add(products, emitter.reshape(constant, [inputs, 1]));
  const dx = emitter.reshape(sum, [batch, inputs, height, width]);
  return z ? emitter.add(dx, emitter.get(z, 'nchw')) : dx;
}

export const convBatchNorm: readonly Lowering[] = [forward('blocked'), forward('nchw')];
export const convBatchNormGradient: readonly Lowering[] = [backward('blocked'), backward('nchw')];
