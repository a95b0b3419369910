import { KdError } from '@kd/core';
import type { InferenceSession } from 'onnxruntime-node';

/** `nchw`: [batch, channels, height, width], as PyTorch has images. `nhwc`: channels last, as TF.js has them. */
export type ImageLayout = 'nchw' | 'nhwc';

/** How NHWC batches get into a file's input. */
export interface ImageInput {
  readonly name: string;
  readonly layout: ImageLayout;
  /** What a batch of this NHWC shape has to be. Throws if the input does not take it. */
  shapeOf(shape: readonly number[]): readonly number[];
  /** The values in the input's layout. */
  arrange(images: Float32Array, shape: readonly number[]): Float32Array;
}

type Size = number | string;

/**
 * Finds how a file takes images: from the one input, of rank 4, with 1 or 3 channels on one side and not on the other, or with
 * an open dimension that is named after them.
 *
 * @throws {KdError} UNSUPPORTED if that is not so, and `layout` does not say
 */
export function imageInput(path: string, session: InferenceSession, layout?: ImageLayout): ImageInput {
  const refuse = (problem: string, wayOut: string): never => {
    throw new KdError('UNSUPPORTED', `onnxTeacher: '${path}' ${problem}; ${wayOut}`, { path });
  };
  const { inputNames, inputMetadata } = session;
  const [name] = inputNames as [string];
  const [metadata] = inputMetadata;
  if (inputNames.length !== 1) {
    refuse(`has the inputs ${inputNames.join(', ')}`, 'export it with images as its only input');
  }
  if (!metadata?.isTensor || metadata.type !== 'float32') {
    const type = metadata?.isTensor ? metadata.type : 'no tensor';
    refuse(`takes ${type} as '${name}'`, 'export it with float32 images as its input');
  }
  const sizes = (metadata as { shape: readonly Size[] }).shape;
  if (sizes.length !== 4) {
    refuse(`takes '${name}' of shape [${sizes}]`, 'images are [batch, channels, height, width] or channels last');
  }
  const found =
    layout ??
    layoutOf(sizes) ??
    refuse(`takes '${name}' of shape [${sizes}], which tells no layout`, `say layout: 'nchw' or 'nhwc'`);
  const isTurned = found === 'nchw';
  return {
    name,
    layout: found,
    shapeOf(shape) {
      const [batch, height, width, channels] = shape as [number, number, number, number];
      const given = isTurned ? [batch, channels, height, width] : shape;
      if (shape.length === 4 && sizes.every((size, i) => typeof size !== 'number' || size < 0 || size === given[i])) {
        return given;
      }
      throw new KdError(
        'SHAPE_MISMATCH',
        `onnxTeacher: '${path}' takes '${name}' of shape [${sizes}] (${found}), the batch has [${given}]; resize the ` +
          'images, or take batches of the size that the file has',
        { sizes, given },
      );
    },
    arrange: (images, shape) => (isTurned ? channelsFirst(images, shape) : images),
  };
}

/** Exporters name open dimensions; optimum, which made most files of the Hub, has `num_channels`. */
const isChannels = (size: Size): boolean =>
  typeof size === 'string' ? /channel/i.test(size) : size === 1 || size === 3;

function layoutOf([, second, , last]: readonly Size[]): ImageLayout | undefined {
  if (isChannels(second!) === isChannels(last!)) return undefined;
  return isChannels(second!) ? 'nchw' : 'nhwc';
}

function channelsFirst(images: Float32Array, shape: readonly number[]): Float32Array {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const turned = new Float32Array(images.length);
  const pixels = height * width;
  let at = 0;
  for (let image = 0; image < batch; image++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let pixel = 0; pixel < pixels; pixel++)
        turned[at++] = images[(image * pixels + pixel) * channels + channel]!;
    }
  }
  return turned;
}
