import { type Coefficients, PRECISION_BITS } from './coefficients.ts';

const HALF = 1 << (PRECISION_BITS - 1);

/** The sum as a pixel; in range but for the overshoot of bicubic and lanczos. */
function pixel(sum: number): number {
  return Math.max(0, Math.min(255, sum >> PRECISION_BITS));
}

/**
 * Resamples `height` rows of `width` pixels to rows as wide as the coefficients have targets.
 *
 * Integers only, 32 bits that wrap around as in C: every machine gives the same pixels.
 */
export function horizontalPass(
  source: Uint8Array,
  height: number,
  width: number,
  channels: number,
  { taps, starts, counts, weights }: Coefficients,
): Uint8Array {
  const to = starts.length;
  const target = new Uint8Array(height * to * channels);
  for (let y = 0, out = 0; y < height; y++) {
    const row = y * width * channels;
    for (let x = 0; x < to; x++) {
      const [first, last] = [x * taps, x * taps + counts[x]!];
      const from = row + starts[x]! * channels;
      if (channels === 3) {
        let [red, green, blue] = [HALF, HALF, HALF];
        for (let tap = first, at = from; tap < last; tap++, at += 3) {
          const weight = weights[tap]!;
          red += Math.imul(source[at]!, weight);
          green += Math.imul(source[at + 1]!, weight);
          blue += Math.imul(source[at + 2]!, weight);
        }
        target[out++] = pixel(red);
        target[out++] = pixel(green);
        target[out++] = pixel(blue);
        continue;
      }
      for (let channel = 0; channel < channels; channel++) {
        let sum = HALF;
        for (let tap = first, at = from + channel; tap < last; tap++, at += channels) {
          sum += Math.imul(source[at]!, weights[tap]!);
        }
        target[out++] = pixel(sum);
      }
    }
  }
  return target;
}

/** Resamples rows of `rowLength` bytes, channels side by side, to as many rows as the coefficients have targets. */
export function verticalPass(
  source: Uint8Array,
  rowLength: number,
  { taps, starts, counts, weights }: Coefficients,
): Uint8Array {
  const to = starts.length;
  const target = new Uint8Array(to * rowLength);
  const sums = new Int32Array(rowLength);
  for (let y = 0; y < to; y++) {
    sums.fill(HALF);
    // Row by row: memory is read in its order.
    for (let tap = 0; tap < counts[y]!; tap++) {
      const weight = weights[y * taps + tap]!;
      const row = (starts[y]! + tap) * rowLength;
      for (let x = 0; x < rowLength; x++) sums[x]! += Math.imul(source[row + x]!, weight);
    }
    const row = y * rowLength;
    for (let x = 0; x < rowLength; x++) target[row + x] = pixel(sums[x]!);
  }
  return target;
}
