/**
 * How the dimensions of a tensor in PyTorch's files are ordered, where ours differ:
 * - `linear`: [out, in], ours [in, out]
 * - `conv`: [out, in, height, width], ours [height, width, in, out]
 * - `depthwise`: [channels, 1, height, width], ours [height, width, channels, 1]
 */
export type Layout = 'same' | 'linear' | 'conv' | 'depthwise';

/** Dimension i of ours is dimension `TO_OURS[layout][i]` of theirs. */
const TO_OURS: Readonly<Record<Exclude<Layout, 'same'>, readonly number[]>> = {
  linear: [1, 0],
  conv: [2, 3, 1, 0],
  depthwise: [2, 3, 0, 1],
};

function reordered<T>(order: readonly number[], shape: readonly T[]): T[] {
  return order.map((dimension) => shape[dimension]!);
}

function inverse(order: readonly number[]): number[] {
  return order.map((_, i) => order.indexOf(i));
}

/** Moves values as `tf.transpose` does; the last two loops are flat, for a kernel has millions of values. */
function transposed(values: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const to = [...Array(4 - order.length).fill(1), ...reordered(order, shape)] as number[];
  const by = [...Array(4 - order.length).fill(0), ...reordered(order, strides)] as number[];
  const [d0, d1, d2, d3] = to as [number, number, number, number];
  const [s0, s1, s2, s3] = by as [number, number, number, number];
  const out = new Float32Array(values.length);
  let at = 0;
  for (let a = 0; a < d0; a++) {
    for (let b = 0; b < d1; b++) {
      for (let c = 0; c < d2; c++) {
        const from = a * s0 + b * s1 + c * s2;
        for (let d = 0; d < d3; d++) out[at++] = values[from + d * s3]!;
      }
    }
  }
  return out;
}

/** The shape in a file of a variable of ours. */
export function fileShape(layout: Layout, shape: readonly number[]): number[] {
  return layout === 'same' ? [...shape] : reordered(inverse(TO_OURS[layout]), shape);
}

/** Values in our order. @param shape in the file */
export function toOurs(layout: Layout, values: Float32Array, shape: readonly number[]): Float32Array {
  return layout === 'same' ? values : transposed(values, shape, TO_OURS[layout]);
}

/** Values in the order of the file. @param shape of our variable */
export function toFile(layout: Layout, values: Float32Array, shape: readonly number[]): Float32Array {
  return layout === 'same' ? values : transposed(values, shape, inverse(TO_OURS[layout]));
}
