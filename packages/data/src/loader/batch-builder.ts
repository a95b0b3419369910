import {
  type Batch,
  type ImageArray,
  KdError,
  type NormalizePixels,
  type PixelNormalization,
  pixelNormalizer,
} from '@kd/core';
import type { LocatedSample } from '../locate.ts';
import type { ImageProcessor } from '../processors/image-processor.ts';
import type { Shown } from './showing.ts';

export interface BatchBuilderOptions {
  /** Height, width, channels of every image. */
  imageShape: readonly [number, number, number];
  classes: number;
  normalization: PixelNormalization;
  /** Of the teacher's images, if it has some of its own. */
  teacher?: Pick<ImageProcessor, 'imageShape' | 'normalization'> | undefined;
  output: 'float32' | 'uint8';
  /** Memory for one batch, whatever is in it: every byte that leaves the builder is written. @default zeros */
  allocate?: Allocate | undefined;
}

export type Allocate = (bytes: number) => ArrayBuffer;

/** One batch that is being put together. */
export interface BatchBuilder {
  /** Puts a sample into a row; rows may come in any order. */
  put(row: number, shown: Shown): void;
  /** The batch: rows that nothing was put into are left out. */
  finish(): Batch;
}

/** Makes the function that starts a batch of some samples of a dataset. Every batch has arrays of its own. */
export function batchBuilder(options: BatchBuilderOptions): (indices: Uint32Array) => BatchBuilder {
  const { classes, teacher } = options;
  const startImages = pixelRows(options, options);
  const startTeacherImages = teacher && pixelRows(teacher, options);
  return (indices) => {
    const count = indices.length;
    const samples = new Array<Known | undefined>(count);
    const views = new Uint32Array(count);
    const images = startImages(count);
    const teacherImages = startTeacherImages?.(count);
    let viewed = false;
    return {
      put(row, { sample, view, teacher }) {
        images.put(row, sample);
        if (teacher) teacherImages!.put(row, { id: sample.id, label: undefined, data: teacher.data, start: 0 });
        samples[row] = { id: sample.id, label: sample.label }; // the image itself may go
        if (view !== undefined) {
          views[row] = view;
          viewed = true;
        }
      },
      finish() {
        const rows = Array.from(samples.keys()).filter((row) => samples[row]);
        const kept = rows.map((row) => samples[row]!);
        const labels = packLabels(kept, (i) => indices[rows[i]!]!, classes);
        const { normalization, ...own } = images.take(rows);
        return {
          ids: packIds(kept, (i) => indices[rows[i]!]!),
          images: own,
          ...(normalization && { normalization }),
          ...(teacherImages && { teacherImages: teacherImages.take(rows) }),
          ...(labels && { labels }),
          ...(viewed && { views: rows.length === count ? views : keepRows(views, rows, 1) }),
        };
      },
    };
  };
}

type Known = Pick<LocatedSample, 'id' | 'label'>;

/** Makes the function that starts the pixels of a batch, all images in one array. */
function pixelRows(
  { imageShape, normalization }: Pick<ImageProcessor, 'imageShape' | 'normalization'>,
  { output, allocate = (bytes) => new ArrayBuffer(bytes) }: Pick<BatchBuilderOptions, 'output' | 'allocate'>,
): (count: number) => {
  put(row: number, sample: LocatedSample): void;
  /** Some of the rows; with the normalisation that they still need. */
  take(rows: readonly number[]): ImageArray & { normalization?: PixelNormalization };
} {
  const size = imageShape[0] * imageShape[1] * imageShape[2];
  const write = pixelNormalizer('dataLoader', normalization);
  return (count) => {
    const pixels =
      output === 'uint8' ? new Uint8Array(allocate(count * size)) : new Float32Array(allocate(4 * count * size));
    return {
      put: (row, sample) => writePixels(write, sample, pixels, row * size, size),
      take: (rows) => ({
        data: rows.length === count ? pixels : keepRows(pixels, rows, size),
        shape: [rows.length, ...imageShape],
        ...(output === 'uint8' && { normalization }),
      }),
    };
  };
}

function writePixels(
  write: NormalizePixels,
  sample: LocatedSample,
  target: Float32Array | Uint8Array,
  to: number,
  size: number,
): void {
  if (sample.readInto && target instanceof Uint8Array) {
    sample.readInto(target, to);
    return;
  }
  const { id, data, start } = sample;
  if (data.length < start + size) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `dataLoader: sample '${id}' has ${data.length - start} pixels in place of ${size}: its data is shorter than its shape`,
      { id, pixels: data.length - start, expected: size },
    );
  }
  if (target instanceof Float32Array) {
    write(data, start, target, to, size);
    return;
  }
  if (!(data instanceof Uint8Array)) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `dataLoader: output 'uint8' needs uint8 pixels, sample '${id}' has float32; use output 'float32'`,
      { id },
    );
  }
  target.set(data.subarray(start, start + size), to);
}

function keepRows<Pixels extends Float32Array | Uint8Array | Uint32Array>(
  pixels: Pixels,
  rows: readonly number[],
  size: number,
): Pixels {
  rows.forEach((row, i) => {
    pixels.copyWithin(i * size, row * size, (row + 1) * size);
  });
  return pixels.slice(0, rows.length * size) as Pixels;
}

function packIds(samples: readonly Known[], index: (i: number) => number): Uint32Array | string[] {
  if (!samples.every(({ id }) => typeof id === 'number')) return samples.map(({ id }) => String(id));
  return Uint32Array.from(samples, ({ id }, i) => {
    if ((id as number) >>> 0 === id) return id;
    throw new KdError(
      'INVALID_DATA',
      `dataLoader: id ${id} of sample ${index(i)} is not an integer in [0, 2^32); use strings for other names`,
      { id, index: index(i) },
    );
  });
}

function packLabels(samples: readonly Known[], index: (i: number) => number, classes: number): Int32Array | undefined {
  if (samples.every(({ label }) => label === undefined)) return undefined;
  return Int32Array.from(samples, ({ label }, i) => {
    if (label !== undefined && Number.isInteger(label) && label >= 0 && label < classes) return label;
    throw new KdError(
      'INVALID_DATA',
      `dataLoader: label ${label} of sample ${index(i)} is not in [0, ${classes}); label all samples or none`,
      { label, index: index(i), classes },
    );
  });
}
