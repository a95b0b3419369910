import { KERNELS, type ResampleFilter } from './filters.ts';

/** Fractional bits of a coefficient: 32, less 8 for the pixel and 2 for sign and overshoot. */
export const PRECISION_BITS = 22;

/** How one side of an image is resampled: each target pixel is a weighted sum of neighbouring source pixels. */
export interface Coefficients {
  /** Weights kept for each target pixel. */
  taps: number;
  /** First source pixel of each target pixel. */
  starts: Int32Array;
  /** Source pixels of each target pixel, at most `taps`. */
  counts: Int32Array;
  /** Fixed-point weights, [target, taps], 0 behind `counts`. */
  weights: Int32Array;
}

/**
 * Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc`: shrinking widens the filter by the scale, so that every
 * source pixel counts (antialiasing).
 */
function computeCoefficients(from: number, to: number, filter: Exclude<ResampleFilter, 'nearest'>): Coefficients {
  const { support: radius, weight } = KERNELS[filter];
  const scale = from / to;
  const filterScale = Math.max(scale, 1);
  const support = radius * filterScale;
  const taps = Math.ceil(support) * 2 + 1;
  const [starts, counts, weights] = [new Int32Array(to), new Int32Array(to), new Int32Array(to * taps)];
  const row = new Float64Array(taps);
  const inverse = 1 / filterScale;
  for (let target = 0; target < to; target++) {
    const center = (target + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(from, Math.trunc(center + support + 0.5)) - start;
    let total = 0;
    for (let tap = 0; tap < count; tap++) {
      row[tap] = weight((tap + start - center + 0.5) * inverse);
      total += row[tap]!;
    }
    for (let tap = 0; tap < count; tap++) {
      const value = total === 0 ? row[tap]! : row[tap]! / total;
      weights[target * taps + tap] = Math.trunc((value < 0 ? -0.5 : 0.5) + value * (1 << PRECISION_BITS));
    }
    starts[target] = start;
    counts[target] = count;
  }
  return { taps, starts, counts, weights };
}

const KEPT = 64;
const cache = new Map<string, Coefficients>();

/** The coefficients for one side; those last used are kept, since a data set has few sizes. */
export function coefficientsFor(from: number, to: number, filter: Exclude<ResampleFilter, 'nearest'>): Coefficients {
  const key = `${from} ${to} ${filter}`;
  const found = cache.get(key) ?? computeCoefficients(from, to, filter);
  cache.delete(key); // and to the end: the first is the one not used for longest
  cache.set(key, found);
  if (cache.size > KEPT) cache.delete(cache.keys().next().value!);
  return found;
}
