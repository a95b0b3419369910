import { bootstrapInterval, confusionMatrix, f1Score, meanAndInterval } from '@kd/metrics';
import { readKept } from './runs.ts';

/** One row of a `comparison.json`, as `compare()` of `@kd/train/node` writes it. */
interface Row {
  arm: string;
  seeds: number[];
  mean: number;
  low: number;
  high: number;
  seconds: number;
  test?: { difference: number; low: number; high: number; pValue: number; adjustedPValue: number };
}

const csv = (text: string): string[][] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split(','));

const percent = (x: number): string => (100 * x).toFixed(1);
const points = (x: number): string => `${x < 0 ? '−' : '+'}${Math.abs(100 * x).toFixed(1)}`;
const interval = (mean: number, low: number, high: number): string =>
  `${percent(mean)} [${percent(low)}, ${percent(high)}]`;
const pText = (p: number): string => (p < 0.001 ? '< .001' : p.toFixed(3).replace(/^0/, ''));

/** Macro F1 of an arm: over seeds Student's interval, of one seed the bootstrap's over images. */
function f1Text(arm: string, { seeds }: Row, cells: readonly string[][], predicted: readonly string[][]): string {
  const [names, ...rows] = cells as [string[], ...string[][]];
  const column = names.indexOf('eval_f1');
  const values = rows.filter(([each]) => each === arm).map((row) => Number(row[column]));
  if (values.length > 1) {
    const { mean, low, high } = meanAndInterval(values);
    return interval(mean, low, high);
  }
  const [header, ...images] = predicted as [string[], ...string[][]];
  const at = header.indexOf(`${arm} ${seeds[0]}`);
  const labels = images.map((image) => Number(image[1]));
  const classes = images.map((image) => Number(image[at]));
  const count = 1 + Math.max(...labels, ...classes);
  const statistic = (rows: Float64Array): number => {
    const take = (from: readonly number[]): number[] => Array.from(rows, (i) => from[i]!);
    return f1Score(confusionMatrix(take(classes), take(labels), count));
  };
  const { low, high } = bootstrapInterval(
    images.map((_, i) => i),
    { statistic, seed: 42, resamples: 2000, method: 'percentile' },
  );
  return interval(values[0]!, low, high);
}

/** Mean accuracy on the validation images, by which a run's weights are chosen. */
function validationText(arm: string, cells: readonly string[][]): string {
  const [names, ...rows] = cells as [string[], ...string[][]];
  const column = names.indexOf('validation_accuracy');
  const values = rows.filter(([each]) => each === arm).map((row) => Number(row[column]));
  return percent(values.reduce((sum, value) => sum + value, 0) / values.length);
}

const HEADER = [
  'arm',
  'seeds',
  'test accuracy',
  'macro F1',
  'validation',
  'points against the first',
  'p',
  'minutes a run',
];

/** A study that is kept, an arm a row, under its header. */
export function studyTable(name: string): string[][] {
  const { rows } = JSON.parse(readKept(name, 'comparison.json')!) as { rows: Row[] };
  const cells = csv(readKept(name, 'cells.csv')!);
  const predicted = csv(readKept(name, 'predictions.csv')!);
  const lines = rows.map((row) => {
    const { arm, seeds, mean, low, high, seconds, test } = row;
    return [
      arm,
      String(seeds.length),
      interval(mean, low, high),
      f1Text(arm, row, cells, predicted),
      validationText(arm, cells),
      test ? `${points(test.difference)} [${points(test.low)}, ${points(test.high)}]` : '',
      test ? pText(test.adjustedPValue) : '',
      (seconds / 60).toFixed(1),
    ];
  });
  return [HEADER, ...lines];
}
