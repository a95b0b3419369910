import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import type { Geometry } from '../graph/graph.ts';
import type { Layout } from '../lower/lowering.ts';

type Pad = 'same' | 'valid' | number | [[0, 0], [number, number], [number, number], [0, 0]];

/** A convolution or pool of any geometry. */
export interface WindowCase {
  x: [number, number, number, number];
  kernel: [number, number];
  strides: [number, number];
  dilations: [number, number];
  pad: Pad;
  /** Output channels of a convolution, or the multiplier of a depthwise one. */
  outputs: number;
  /** In which layout operands lie. */
  layouts: [Layout, Layout];
  seed: number;
}

const channels = fc.constantFrom(1, 3, 4, 8, 12, 24, 100);
const size = fc.integer({ min: 1, max: 15 });
const layout = fc.constantFrom<Layout[]>('tf', 'nchw', 'blocked');
const side = fc.integer({ min: 0, max: 3 });
const pair = (numbers: fc.Arbitrary<number>): fc.Arbitrary<[number, number]> =>
  fc.oneof(
    { weight: 3, arbitrary: numbers.map((number): [number, number] => [number, number]) },
    { weight: 1, arbitrary: fc.tuple(numbers, numbers) },
  );

const pads: fc.Arbitrary<Pad> = fc.oneof(
  fc.constant<Pad>('same'),
  fc.constant<Pad>('valid'),
  fc.integer({ min: 0, max: 3 }),
  fc.tuple(side, side, side, side).map(
    ([top, bottom, left, right]): Pad => [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
  ),
);

/** Windows that fit into their image. */
export const windowCases: fc.Arbitrary<WindowCase> = fc
  .record<WindowCase>({
    x: fc.tuple(fc.integer({ min: 1, max: 3 }), size, size, channels),
    kernel: pair(fc.constantFrom(1, 2, 3, 3, 4, 5, 7)),
    strides: pair(fc.constantFrom(1, 1, 2, 2, 3)),
    dilations: pair(fc.constantFrom(1, 1, 1, 2)),
    pad: pads,
    outputs: channels,
    layouts: fc.tuple(layout, layout),
    seed: fc.nat(1e6),
  })
  .filter((each) => {
    const info = infoOf(each);
    // TF.js' own rule: strides and dilations do not meet.
    const legal = each.strides.every((stride) => stride === 1) || each.dilations.every((dilation) => dilation === 1);
    // With one number for a padding it computes the width as if windows were square.
    const square = [each.kernel, each.strides, each.dilations].every(([height, width]) => height === width);
    return legal && (typeof each.pad !== 'number' || square) && info.outHeight > 0 && info.outWidth > 0;
  });

export function infoOf({ x, kernel, strides, dilations, pad }: WindowCase): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(x, [...kernel, x[3], 1], strides, dilations, pad, undefined, true);
}

/** As the pass `simplify` makes it. */
export function geometryOf(each: WindowCase): Geometry {
  const { padInfo } = infoOf(each);
  const { kernel, strides, dilations } = each;
  return { kernel, strides, dilations, pads: [padInfo.top, padInfo.left, padInfo.bottom, padInfo.right] };
}

/** Normally distributed values. */
export const noise = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed + 1);

/**
 * Visits every pixel of x that a window sees, by their places in the tensors: what convolutions and their gradients sum over.
 */
export function eachSeen(each: WindowCase, visit: (xPixel: number, tap: number, yPixel: number) => void): void {
  const [batch, height, width] = each.x;
  const { kernel, strides, dilations, pads } = geometryOf(each);
  const { outHeight, outWidth } = infoOf(each);
  for (let n = 0; n < batch; n++) {
    for (let y = 0; y < outHeight * outWidth; y++) {
      for (let tap = 0; tap < kernel[0] * kernel[1]; tap++) {
        const row = Math.floor(y / outWidth) * strides[0] + Math.floor(tap / kernel[1]) * dilations[0] - pads[0];
        const column = (y % outWidth) * strides[1] + (tap % kernel[1]) * dilations[1] - pads[1];
        if (row < 0 || row >= height || column < 0 || column >= width) continue;
        visit((n * height + row) * width + column, tap, n * outHeight * outWidth + y);
      }
    }
  }
}
