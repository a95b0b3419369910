import { KdError } from '@kd/core';
import type { Geometry, Value } from '../../graph/graph.ts';

/** A 4-D tensor as TF.js has it: [batch, height, width, channels]. */
export interface ImageShape {
  batch: number;
  height: number;
  width: number;
  channels: number;
  /** height * width */
  pixels: number;
}

export function imageShape(value: { readonly shape: readonly number[] }): ImageShape {
  const [batch, height, width, channels] = value.shape as [number, number, number, number];
  return { batch, height, width, channels, pixels: height * width };
}

export const isImage = (value: Value | undefined): boolean => value?.shape.length === 4;

/**
 * The paddings that give exactly the output's size: those behind may be smaller than the geometry's, where a stride leaves pixels
 * over, and larger, where the size was rounded up.
 *
 * @throws {KdError} UNSUPPORTED if there are none: TF.js computes the width of a window that is not square from its height
 *   where the padding is one number
 */
export function exactPads(
  { kernel, strides, dilations, pads }: Geometry,
  input: ImageShape,
  output: ImageShape,
): [number, number, number, number] {
  const behind = (axis: 0 | 1, inputSize: number, outputSize: number): number => {
    const seen = (kernel[axis] - 1) * dilations[axis] + 1;
    const padding = Math.max(0, (outputSize - 1) * strides[axis] + seen - inputSize - pads[axis]);
    if (Math.floor((inputSize + pads[axis] + padding - seen) / strides[axis]) + 1 !== outputSize) {
      throw new KdError(
        'UNSUPPORTED',
        `lowerGraph: a window of [${kernel}] with strides [${strides}] does not give ${outputSize} values from ` +
          `${inputSize} (height or width); pad with 'same', 'valid' or a list, not with one number`,
        { kernel, strides, dilations, pads },
      );
    }
    return padding;
  };
  return [pads[0], pads[1], behind(0, input.height, output.height), behind(1, input.width, output.width)];
}

/** 1x1 without padding: a product of matrices, whatever the stride. */
export const isPointwise = ({ kernel, pads }: Geometry): boolean =>
  kernel.every((size) => size === 1) && pads.every((pad) => pad === 0);

export const hasStride = ({ strides }: Geometry, stride: number): boolean => strides.every((size) => size === stride);

export const isDilated = ({ dilations }: Geometry): boolean => dilations.some((dilation) => dilation > 1);

/** Of a 1x1 convolution with stride 1. */
export const pointwise: Geometry = { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] };
