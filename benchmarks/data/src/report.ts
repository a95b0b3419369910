import { formatTable, median } from '@kd-bench/common';
import type { Task } from './cases.ts';

/** One way to get batches, and how fast it was in each round. */
export interface Row {
  name: string;
  task: Task;
  batchSize: number;
  /** Images a second. */
  rates: number[];
}

const isPython = ({ name }: Row): boolean => name.includes('Python');

/** Times as fast as the faster of Python's ways in the same round: median of the rounds, undefined if there is no Python. */
export function ratioOf(rows: readonly Row[]): (row: Row) => number | undefined {
  return (row) => {
    const peers = rows.filter((other) => isPython(other) && other.task === row.task);
    if (peers.length === 0) return undefined;
    return median(row.rates.map((rate, round) => rate / Math.max(...peers.map(({ rates }) => rates[round]!))));
  };
}

export function speedTable(rows: readonly Row[]): string {
  const ratio = ratioOf(rows);
  const order: readonly Task[] = ['vit', 'mobilenet', 'mnist'];
  const sorted = order.flatMap((task) => rows.filter((row) => row.task === task));
  return formatTable(
    ['loader', 'images/s', 'best', 'batches/s', 'x Python'],
    sorted.map((row) => [
      row.name,
      median(row.rates).toFixed(0),
      Math.max(...row.rates).toFixed(0),
      (median(row.rates) / row.batchSize).toFixed(1),
      ratio(row)?.toFixed(2) ?? '',
    ]),
  );
}
