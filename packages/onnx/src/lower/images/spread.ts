import type { Emitter, Layout, Name } from '../lowering.ts';
import { type ImageShape, imageShape } from './image-shape.ts';

/**
 * Twice the size, with the values at even places and zeros between: [.., h, w] to [.., 2 h, 2 w]. The input gradient of a
 * convolution with stride 2 is a convolution with stride 1 of this.
 */
export function spreadByTwo(emitter: Emitter, x: Name, shape: readonly number[], layout: Layout): Name {
  return (layout === 'blocked' ? spreadBlocked : spreadPlanes)(emitter, x, imageShape({ shape }));
}

function spreadBlocked(emitter: Emitter, x: Name, { batch, height, width, channels }: ImageShape): Name {
  const { block } = emitter.target;
  const lanes = emitter.padded(channels);
  const rows = emitter.reshape(x, [((batch * lanes) / block) * height, 1, width, 1, block]);
  const spread = emitter.pad(rows, [0, 0, 0, 0, 0], [0, 1, 0, 1, 0]);
  return emitter.reshape(spread, [batch, lanes, 2 * height, 2 * width]);
}

/** Rows are spread by a product with a matrix of ones and zeros: Pad of pairs is slow. */
function spreadPlanes(emitter: Emitter, x: Name, { batch, height, width, channels }: ImageShape): Name {
  const rows = batch * channels * height;
  const places = new Float32Array(width * 2 * width);
  for (let i = 0; i < width; i++) places[i * 2 * width + 2 * i] = 1;
  const matrix = emitter.constant(places, [width, 2 * width]);
  const spread = emitter.matMul(emitter.reshape(x, [rows, width]), matrix);
  const between = emitter.op('ConstantOfShape', [emitter.int64s([rows, 2 * width])]);
  const both = emitter.op('Concat', [spread, between], { axis: 1 });
  return emitter.reshape(both, [batch, channels, 2 * height, 2 * width]);
}
