/** The generator of the fixture: Park and Miller's, exact in doubles. Uniform in [lo, hi). */
export function drawValues(seed: number, shape: readonly number[], lo: number, hi: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => {
    state = (state * 48271) % 2147483647;
    return lo + ((hi - lo) * state) / 2147483647;
  });
}
