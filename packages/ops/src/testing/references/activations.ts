import { type NdArray, ndArray } from './nd-array.ts';

const map = (x: NdArray, f: (value: number) => number): NdArray => ndArray(x.shape, x.data.map(f));

/** The error function: its power series below 3, its continued fraction above. */
function erf(x: number): number {
  const a = Math.abs(x);
  let result = 0;
  if (a < 3) {
    let term = a;
    for (let n = 0; n < 120; n++) {
      result += term / (2 * n + 1);
      term *= -(a * a) / (n + 1);
    }
    result *= 2 / Math.sqrt(Math.PI);
  } else {
    let fraction = 0;
    for (let n = 80; n > 0; n--) fraction = n / 2 / (a + fraction);
    result = 1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction);
  }
  return Math.sign(x) * result;
}

export const geluReference = (x: NdArray): NdArray => map(x, (v) => (v * (1 + erf(v / Math.SQRT2))) / 2);

export const relu6Reference = (x: NdArray): NdArray => map(x, (v) => Math.min(Math.max(v, 0), 6));
