import { viewOf, withScratch } from './memory.ts';
import type { WasmBackend } from './wasm-backend.ts';

// Shorter rows would spend their time between the loops of columns.wat.
const LEAST = 64;
// Sums of at most so many values are float32; these are added in doubles.
const ROWS = 512;

/** Values in the rows that columns.wat sees: several rows as one, so that it is a multiple of four. */
export function periodOf(columns: number): number {
  let period = columns;
  while (period % 4 !== 0 || period < LEAST) period += columns;
  return period;
}

/** Writes a row of parameters as often as it fits in a period. */
export function writeRow(backend: WasmBackend, address: number, values: ArrayLike<number>, period: number): void {
  const view = viewOf(backend, address, period);
  for (let at = 0; at < period; at += values.length) view.set(values, at);
}

/**
 * Sums down the columns, in doubles.
 *
 * @param n values in the matrix
 * @param count how many sums there are for each column
 * @param add adds `size` values from the `from`th on to rows of sums at the addresses: a function of columns.wat
 * @param single what the value at an index adds to each sum: for the few that are no whole vector
 */
export function columnTotals(
  backend: WasmBackend,
  { n, columns, count }: { n: number; columns: number; count: number },
  add: (from: number, size: number, sums: number[]) => void,
  single: (index: number) => readonly number[],
): Float64Array[] {
  const period = periodOf(columns);
  const totals = Array.from({ length: count }, () => new Float64Array(columns));
  const whole = n - (n % 4);
  withScratch(
    backend,
    totals.map(() => period),
    (sums) => {
      for (let from = 0; from < whole; from += ROWS * period) {
        for (const address of sums) viewOf(backend, address, period).fill(0);
        add(from, Math.min(ROWS * period, whole - from), sums);
        sums.forEach((address, which) => {
          const total = totals[which]!;
          const view = viewOf(backend, address, period);
          for (let i = 0; i < period; i++) total[i % columns]! += view[i]!;
        });
      }
    },
  );
  for (let i = whole; i < n; i++) {
    single(i).forEach((value, which) => {
      totals[which]![i % columns]! += value;
    });
  }
  return totals;
}
