/** Maps a value of the data to a place in the drawing. */
export type Scale = (value: number) => number;
export type Range = readonly [from: number, to: number];

/** A domain of no width is drawn in the middle. */
export function linearScale([low, high]: Range, [from, to]: Range): Scale {
  if (high === low) return () => (from + to) / 2;
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

/** As `linearScale`, of the logarithm; 0 lies far below. */
export function logScale([low, high]: Range, range: Range): Scale {
  const scale = linearScale([Math.log(low), Math.log(high)], range);
  return (value) => scale(Math.log(Math.max(value, Number.MIN_VALUE)));
}

/** A coordinate as SVG text: a hundredth of a pixel is enough, and the file stays small. */
export function place(value: number): number {
  return Math.round(value * 100) / 100;
}
