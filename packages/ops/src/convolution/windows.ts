import type * as tf from '@tensorflow/tfjs-core';
import { opError } from '../errors.ts';

/**
 * What surrounds an image: `'valid'` nothing; `'same'` as TensorFlow, so that `ceil(size / stride)` windows fit, the odd
 * row at the bottom and right; a number on every side, as PyTorch; or [[top, bottom], [left, right]].
 */
export type Padding = 'same' | 'valid' | number | readonly [readonly [number, number], readonly [number, number]];

/** One number for both, or [height, width]. */
export type Pair = number | readonly [number, number];

/** How windows of one size move over an image, in numbers. */
export interface Windows {
  /** Of the image. */
  inputSize: [height: number, width: number];
  /** Of one window. */
  field: [height: number, width: number];
  strides: [height: number, width: number];
  dilations: [height: number, width: number];
  /** How many windows there are. */
  outputSize: [height: number, width: number];
  /** Rows above and columns left of the image that the first windows see. */
  before: [top: number, left: number];
  /** Rows below and columns right of it that the last windows see; negative if they do not reach its end. */
  after: [bottom: number, right: number];
  /** Of the image with what the windows see around it. */
  paddedSize: [height: number, width: number];
  /** What TF.js' kernels pad themselves; with 'valid' they are to be given the padded image. */
  kernelPadding: 'same' | 'valid';
}

interface Line {
  count: number;
  before: number;
  after: number;
}

/** TensorFlow's rule along one dimension. */
function sameLine(size: number, reach: number, stride: number): Line {
  const count = Math.ceil(size / stride);
  const total = (count - 1) * stride + reach - size;
  const before = Math.floor(Math.max(0, total) / 2);
  return { count, before, after: total - before };
}

function givenLine(size: number, reach: number, stride: number, [before, end]: readonly [number, number]): Line {
  const count = Math.floor((size + before + end - reach) / stride) + 1;
  return { count, before, after: (count - 1) * stride + reach - size - before };
}

function pairOf(caller: string, name: string, value: Pair): [number, number] {
  const [height, width] = typeof value === 'number' ? [value, value] : value;
  if (![height, width].every((each) => Number.isInteger(each) && each >= 1)) {
    throw opError('INVALID_ARGUMENT', `${caller}: ${name} must be whole numbers >= 1, got [${height},${width}]`, {
      [name]: value,
    });
  }
  return [height, width];
}

function amountsOf(caller: string, padding: Exclude<Padding, 'same'>): [[number, number], [number, number]] {
  const sides = padding === 'valid' ? 0 : padding;
  const [rows, columns] =
    typeof sides === 'number'
      ? [
          [sides, sides],
          [sides, sides],
        ]
      : sides;
  const amounts = [rows, columns].flat();
  if (amounts.length !== 4 || !amounts.every((each) => Number.isInteger(each) && each! >= 0)) {
    const message =
      `${caller}: padding must be 'same', 'valid', a whole number >= 0 or [[top, bottom], [left, right]], ` +
      `got ${JSON.stringify(padding)}`;
    throw opError('INVALID_ARGUMENT', message, { padding });
  }
  return [rows, columns] as [[number, number], [number, number]];
}

/** Computes how windows move, and asserts that they fit the image. */
export function resolveWindows(
  caller: string,
  x: tf.Tensor,
  field: Pair,
  { strides = 1, padding, dilations = 1 }: { strides?: Pair | undefined; padding: Padding; dilations?: Pair },
): Windows {
  const [fields, steps, apart] = [
    pairOf(caller, 'size', field),
    pairOf(caller, 'strides', strides),
    pairOf(caller, 'dilations', dilations),
  ];
  if (Math.max(...steps) > 1 && Math.max(...apart) > 1) {
    const message = `${caller}: strides [${steps}] and dilations [${apart}] cannot both be above 1`;
    throw opError('INVALID_ARGUMENT', message, { strides, dilations });
  }
  const inputSize = [x.shape[1]!, x.shape[2]!] as [number, number];
  const reach = fields.map((size, i) => (size - 1) * apart[i]! + 1);
  const same = inputSize.map((size, i) => sameLine(size, reach[i]!, steps[i]!));
  const given = padding === 'same' ? undefined : amountsOf(caller, padding);
  const lines = given ? inputSize.map((size, i) => givenLine(size, reach[i]!, steps[i]!, given[i]!)) : same;
  if (lines.some(({ count }) => count < 1)) {
    const message =
      `${caller}: a window of [${reach}] does not fit x [${x.shape}] ` + `with padding ${JSON.stringify(padding)}`;
    throw opError('SHAPE_MISMATCH', message, { x: x.shape, padding });
  }
  // Amounts that are TensorFlow's own need no padded copy.
  const isSame = lines.every(({ count, before }, i) => count === same[i]!.count && before === same[i]!.before);
  const both = (key: keyof Line): [number, number] => [lines[0]![key], lines[1]![key]];
  const paddedSize = (i: 0 | 1): number => inputSize[i] + lines[i]!.before + Math.max(0, lines[i]!.after);
  return {
    inputSize,
    field: fields,
    strides: steps,
    dilations: apart,
    outputSize: both('count'),
    before: both('before'),
    after: both('after'),
    paddedSize: [paddedSize(0), paddedSize(1)],
    kernelPadding: isSame ? 'same' : 'valid',
  };
}

/** Asserts that x is a batch of images. */
export function checkImages(caller: string, x: tf.Tensor): void {
  if (x.rank !== 4) {
    const message = `${caller}: x must be [batch, height, width, channels], got [${x.shape}]`;
    throw opError('SHAPE_MISMATCH', message, { x: x.shape });
  }
}
