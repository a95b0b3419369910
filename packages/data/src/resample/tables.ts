import type { Coefficients } from './coefficients.ts';

/** Split of a coefficient for 16-bit products; also in resample.wat. */
const LOW_BITS = 12;

/**
 * Coefficients as resample.wat reads them: for each target its start, the number of pieces, and the pieces, whose taps
 * behind the last are 0.
 *
 * @param taps in a piece, even
 * @param startUnit what the start is multiplied by
 */
function table({ taps, starts, counts, weights }: Coefficients, tapsInPiece: number, startUnit: number): Int32Array {
  const pairs = tapsInPiece / 2;
  const pieces = Int32Array.from(counts, (count) => Math.ceil(count / tapsInPiece));
  const words = pieces.reduce((sum, count) => sum + 2 + count * tapsInPiece, 0);
  const out = new Int32Array(words);
  let at = 0;
  for (const [target, count] of pieces.entries()) {
    out[at++] = starts[target]! * startUnit;
    out[at++] = count;
    const last = counts[target]!;
    const weight = (tap: number): number => (tap < last ? weights[target * taps + tap]! : 0);
    for (let piece = 0; piece < count; piece++, at += tapsInPiece) {
      for (let pair = 0; pair < pairs; pair++) {
        const [a, b] = [weight(piece * tapsInPiece + pair * 2), weight(piece * tapsInPiece + pair * 2 + 1)];
        out[at + pair] = ((a >> LOW_BITS) & 0xffff) | ((b >> LOW_BITS) << 16);
        out[at + pairs + pair] = (a & 0xfff) | ((b & 0xfff) << 16);
      }
    }
  }
  return out;
}

interface Tables {
  horizontal?: Int32Array;
  vertical?: Int32Array;
}

/** As long as the coefficients are kept, so are their tables. */
const kept = new WeakMap<Coefficients, Tables>();

/** The table for one direction: four taps of RGB in a piece for rows, two for columns. */
export function tableFor(coefficients: Coefficients, direction: keyof Tables): Int32Array {
  const tables = kept.get(coefficients) ?? {};
  kept.set(coefficients, tables);
  tables[direction] ??= direction === 'horizontal' ? table(coefficients, 4, 3) : table(coefficients, 2, 1);
  return tables[direction];
}
