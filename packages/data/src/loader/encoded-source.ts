import { type EncodedDataset, type ImageArray, KdError } from '@kd/core';
import type { Augmentation } from '../augment/augmentation.ts';
import type { LocatedSample } from '../locate.ts';
import type { ImageProcessor } from '../processors/image-processor.ts';

/** Turns the bytes of a JPEG, PNG … into uint8 pixels, [height, width, channels]. */
export type DecodeImage = (bytes: Uint8Array, options?: { name?: string }) => Promise<ImageArray>;

export interface EncodedSourceOptions {
  decode: DecodeImage | undefined;
  processor: ImageProcessor | undefined;
  augment: Augmentation | undefined;
  /** Whether the teacher's images are made of the decoded ones too. */
  keepDecoded?: boolean;
  /** Of all images, if nothing brings them to one size. */
  imageShape: readonly [number, number, number] | undefined;
}

/** Where the bytes come from. */
export type EncodedBytes = Pick<EncodedDataset, 'info' | 'read'>;

/** Encoded images, decoded and brought to one size. */
export interface EncodedSource {
  imageShape: readonly [number, number, number];
  load(index: number): Promise<LocatedSample>;
}

/**
 * Reads, decodes and resizes samples. An augmentation that starts with a crop of its own gets images as they were
 * decoded: what it shows of them is to be resized once, not twice.
 */
export function encodedSource(dataset: EncodedBytes, options: EncodedSourceOptions): EncodedSource {
  const { decode, processor, augment, keepDecoded = false } = options;
  if (!decode) {
    throw new KdError(
      'INVALID_ARGUMENT',
      "dataLoader: the images are encoded; pass 'decode', or use dataLoader of @kd/data/node, which has a decoder",
    );
  }
  const resize = augment?.takesAnySize ? undefined : processor?.resize;
  const imageShape = resize ? processor!.imageShape : options.imageShape;
  if (!imageShape && !augment?.takesAnySize) {
    throw new KdError(
      'INVALID_ARGUMENT',
      "dataLoader: nothing brings the images to one size; pass a 'processor', an 'augment' that starts with a crop, or " +
        "their 'imageShape' if they have one size already",
    );
  }
  return {
    imageShape: imageShape ?? processor?.imageShape ?? [0, 0, 3],
    async load(index) {
      const { id, label } = dataset.info(index);
      try {
        const decoded = await decode(await dataset.read(index), { name: id });
        const image = resize ? resize(decoded) : decoded;
        if (!augment?.takesAnySize) checkShape(image, imageShape!);
        return { id, label, data: image.data, start: 0, shape: image.shape, ...(keepDecoded && { decoded }) };
      } catch (error) {
        throw sampleError(error, id, index);
      }
    },
  };
}

function checkShape({ shape }: ImageArray, imageShape: readonly number[]): void {
  if (shape.length === 3 && shape.every((side, axis) => side === imageShape[axis])) return;
  throw new KdError('SHAPE_MISMATCH', `its pixels are of shape [${shape}], not of [${imageShape}]; pass a processor`, {
    shape,
    imageShape,
  });
}

/** The same error, saying which sample it is about. */
export function sampleError(error: unknown, id: string, index: number): KdError {
  const { code, details } = KdError.isInstance(error) ? error : { code: 'INVALID_DATA' as const, details: {} };
  const message = error instanceof Error ? error.message : String(error);
  return new KdError(
    code,
    `dataLoader: sample '${id}' (index ${index}): ${message}`,
    { ...details, id, index },
    {
      cause: error,
    },
  );
}
