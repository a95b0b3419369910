import { type NdArray, ndArray } from './nd-array.ts';

/** How a window moves over an image. */
export interface Windows {
  /** [height, width]. */
  strides: readonly [number, number];
  /** [[top, bottom], [left, right]], or TensorFlow's rule. */
  padding: 'same' | 'valid' | readonly [readonly [number, number], readonly [number, number]];
  /** [height, width]. */
  dilations?: readonly [number, number];
}

/** Output size and offset of the first window along one dimension. */
function along(size: number, field: number, dimension: 0 | 1, { strides, padding, dilations = [1, 1] }: Windows) {
  const [stride, reach] = [strides[dimension], (field - 1) * dilations[dimension] + 1];
  if (padding === 'same') {
    const count = Math.ceil(size / stride);
    return { count, before: Math.floor(Math.max(0, (count - 1) * stride + reach - size) / 2) };
  }
  const [before, after] = padding === 'valid' ? [0, 0] : padding[dimension];
  return { count: Math.floor((size + before + after - reach) / stride) + 1, before };
}

/**
 * Visits each pair of an output position and a position of its window that lies inside of the image, by flat index of
 * pixels: [batch, height, width] without channels.
 */
function forEachTap(
  x: NdArray,
  field: readonly [number, number],
  windows: Windows,
  visit: (output: number, input: number, tap: number) => void,
): [number, number, number] {
  const [batch, height, width] = x.shape as [number, number, number];
  const [dilateRows, dilateColumns] = windows.dilations ?? [1, 1];
  const rows = along(height, field[0], 0, windows);
  const columns = along(width, field[1], 1, windows);
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < rows.count; i++) {
      for (let j = 0; j < columns.count; j++) {
        for (let a = 0; a < field[0]; a++) {
          for (let b = 0; b < field[1]; b++) {
            const row = i * windows.strides[0] + a * dilateRows - rows.before;
            const column = j * windows.strides[1] + b * dilateColumns - columns.before;
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            const output = (n * rows.count + i) * columns.count + j;
            visit(output, (n * height + row) * width + column, a * field[1] + b);
          }
        }
      }
    }
  }
  return [batch, rows.count, columns.count];
}

/** x [batch, height, width, channels], filter [height, width, channels, outputs]. */
export function conv2dReference(x: NdArray, filter: NdArray, windows: Windows): NdArray {
  const [fieldRows, fieldColumns, channels, outputs] = filter.shape as [number, number, number, number];
  const sums: number[] = [];
  const shape = forEachTap(x, [fieldRows, fieldColumns], windows, (output, input, tap) => {
    for (let c = 0; c < channels; c++) {
      for (let o = 0; o < outputs; o++) {
        const at = output * outputs + o;
        sums[at] = (sums[at] ?? 0) + x.data[input * channels + c]! * filter.data[(tap * channels + c) * outputs + o]!;
      }
    }
  });
  return ndArray(
    [...shape, outputs],
    Float64Array.from(sums, (sum) => sum ?? 0),
  );
}

/** x [batch, height, width, channels], filter [height, width, channels, multiplier]. */
export function depthwiseConv2dReference(x: NdArray, filter: NdArray, windows: Windows): NdArray {
  const [fieldRows, fieldColumns, channels, multiplier] = filter.shape as [number, number, number, number];
  const outputs = channels * multiplier;
  const sums: number[] = [];
  const shape = forEachTap(x, [fieldRows, fieldColumns], windows, (output, input, tap) => {
    for (let o = 0; o < outputs; o++) {
      const at = output * outputs + o;
      const c = Math.floor(o / multiplier);
      sums[at] = (sums[at] ?? 0) + x.data[input * channels + c]! * filter.data[tap * outputs + o]!;
    }
  });
  return ndArray(
    [...shape, outputs],
    Float64Array.from(sums, (sum) => sum ?? 0),
  );
}

/** Positions outside of the image do not take part. */
export function maxPoolReference(x: NdArray, size: readonly [number, number], windows: Windows): NdArray {
  const channels = x.shape[3]!;
  const best: number[] = [];
  const shape = forEachTap(x, size, windows, (output, input) => {
    for (let c = 0; c < channels; c++) {
      const at = output * channels + c;
      best[at] = Math.max(best[at] ?? -Infinity, x.data[input * channels + c]!);
    }
  });
  return ndArray([...shape, channels], best);
}

/** Mean over height and width. */
export function globalAveragePoolReference(x: NdArray): NdArray {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const output = ndArray([batch, channels]);
  x.data.forEach((value, i) => {
    const sample = Math.floor(i / (height * width * channels));
    output.data[sample * channels + (i % channels)]! += value / (height * width);
  });
  return output;
}
