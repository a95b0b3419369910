/** An array of doubles with a shape, row-major: what the references compute on. */
export interface NdArray {
  shape: readonly number[];
  data: Float64Array;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

export function ndArray(shape: readonly number[], values: ArrayLike<number> = []): NdArray {
  const data = new Float64Array(sizeOf(shape));
  data.set(values);
  return { shape, data };
}

/** Values of about a normal distribution, exact in float32, the same for a seed on every machine. */
export function randomArray(
  shape: readonly number[],
  seed: number,
  { mean = 0, scale = 1 }: { mean?: number; scale?: number } = {},
): NdArray {
  let state = Math.imul(seed + 1, 0x9e3779b9);
  const uniform = (): number => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
    let mixed = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 2 ** 32;
  };
  const result = ndArray(shape);
  result.data.forEach((_, i) => {
    const normal = (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);
    result.data[i] = Math.fround(mean + scale * normal);
  });
  return result;
}
