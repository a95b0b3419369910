import type { Emitter, Layout, Name } from '../lowering.ts';
import { applyEpilogue, blockedConvolve, type Epilogue } from './convolve.ts';
import { imageShape } from './image-shape.ts';

/** What batch-norm needs of a layout. Vectors are per channel, in the layout `vector`; `shape` is that of x as TF.js has it. */
export interface ChannelAlgebra {
  readonly vector: Layout;
  /** Of every channel: the sum of x. */
  sum(emitter: Emitter, x: Name, shape: readonly number[]): Name;
  /** Of every channel: the sum of x y. */
  dot(emitter: Emitter, x: Name, y: Name, shape: readonly number[]): Name;
  /** x - mean */
  centre(emitter: Emitter, x: Name, mean: Name, shape: readonly number[]): Name;
  /** activation(scale x + offset + sum) */
  affine(
    emitter: Emitter,
    x: Name,
    scale: Name,
    offset: Name | undefined,
    shape: readonly number[],
    epilogue?: Epilogue,
  ): Name;
}

/** Sums of products and affine maps are depthwise convolutions here: one pass each, on all cores. */
const blocked: ChannelAlgebra = {
  vector: 'vector',
  sum(emitter, x, shape) {
    const { batch, channels, pixels } = imageShape({ shape });
    const lanes = emitter.padded(channels);
    const { block } = emitter.target;
    const perImage = emitter.sum(emitter.reshape(x, [(batch * lanes) / block, pixels, block]), [1]);
    return emitter.sum(emitter.reshape(perImage, [batch, lanes]), [0]);
  },
  dot(emitter, x, y, shape) {
    const { batch, height, width, channels } = imageShape({ shape });
    const lanes = emitter.padded(channels);
    const group = batch * lanes;
    const perImage = blockedConvolve(
      emitter,
      emitter.reshape(x, [1, group, height, width]),
      emitter.reshape(y, [group, 1, height, width]),
      { kernel: [height, width], group },
    );
    return emitter.sum(emitter.reshape(perImage, [batch, lanes]), [0]);
  },
  centre(emitter, x, mean, shape) {
    const lanes = emitter.padded(shape.at(-1)!);
    return blocked.affine(emitter, x, emitter.full(1, [lanes]), emitter.op('Neg', [mean]), shape);
  },
  affine(emitter, x, scale, offset, shape, epilogue = {}) {
    const lanes = emitter.padded(shape.at(-1)!);
    return blockedConvolve(emitter, x, emitter.reshape(scale, [lanes, 1, 1, 1]), {
      kernel: [1, 1],
      group: lanes,
      bias: offset,
      ...epilogue,
    });
  },
};

const nchw: ChannelAlgebra = {
  vector: 'tf',
  sum: (emitter, x) => emitter.sum(x, [0, 2, 3]),
  dot(emitter, x, y, shape) {
    const { batch, channels, pixels } = imageShape({ shape });
    const row = [batch * channels, 1, pixels];
    const perImage = emitter.matMul(emitter.reshape(x, row), emitter.reshape(y, row), { transposeB: true });
    return emitter.sum(emitter.reshape(perImage, [batch, channels]), [0]);
  },
  centre: (emitter, x, mean, shape) => emitter.sub(x, emitter.reshape(mean, [shape.at(-1)!, 1, 1])),
  /** BatchNormalization with statistics 0 and 1 is one pass where Mul and Add are two. */
  affine(emitter, x, scale, offset, shape, epilogue = {}) {
    const channels = [shape.at(-1)!];
    const zeros = emitter.full(0, channels);
    const ones = emitter.full(1, channels);
    const y = emitter.op('BatchNormalization', [x, scale, offset ?? zeros, zeros, ones], { epsilon: { float: 0 } });
    return applyEpilogue(emitter, y, epilogue);
  },
};

const tf: ChannelAlgebra = {
  vector: 'tf',
  sum: (emitter, x, shape) => emitter.sum(x, allButLast(shape)),
  dot: (emitter, x, y, shape) => emitter.sum(emitter.mul(x, y), allButLast(shape)),
  centre: (emitter, x, mean) => emitter.sub(x, mean),
  affine(emitter, x, scale, offset, _shape, epilogue = {}) {
    const scaled = emitter.mul(x, scale);
    return applyEpilogue(emitter, offset === undefined ? scaled : emitter.add(scaled, offset), epilogue);
  },
};

const allButLast = (shape: readonly number[]): number[] => Array.from({ length: shape.length - 1 }, (_, axis) => axis);

const algebras: Readonly<Record<Layout, ChannelAlgebra>> = { blocked, nchw, tf };

export function channelAlgebra(layout: Layout): ChannelAlgebra {
  return algebras[layout]!;
}
