export { formatClock as clock, formatCount as count } from '@kd/train/report';

/** .98231 as 98.23 %. */
export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** Rows as aligned text; the first row is the heading, the first column goes left, the others right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('   ');
  const [heading, ...body] = rows.map(line);
  return [heading!, '-'.repeat(heading!.length), ...body].join('\n');
}
