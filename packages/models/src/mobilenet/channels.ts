/** Python's `round`: halves go to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** What channel counts are rounded to. */
export interface Divisibility {
  depthDivisibleBy: number;
  minDepth: number;
}

/**
 * The multiple of `depthDivisibleBy` next to a number of channels, at least `minDepth` and not less than .9 of it.
 *
 * Reference: `make_divisible` of tensorflow/models and transformers.
 */
export function roundedChannels(channels: number, { depthDivisibleBy: unit, minDepth }: Divisibility): number {
  const value = roundHalfEven(channels);
  const rounded = Math.max(minDepth, Math.floor(Math.trunc(value + unit / 2) / unit) * unit);
  return rounded < 0.9 * value ? rounded + unit : rounded;
}
