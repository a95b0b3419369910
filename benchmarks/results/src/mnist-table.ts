import { meanAndInterval, wilsonInterval } from '@kd/metrics';
import { readKept } from './runs.ts';

/** Of a `results.json` of examples/mnist-mlp, what a table needs. */
interface Results {
  seeds: {
    seed: number;
    networks: {
      key: 'teacher' | 'scratch' | 'student';
      label: string;
      parameters: number;
      /** Epochs. */
      history: number;
      trainSeconds: number;
      loaded: boolean;
      test: { errors: number; images: number };
    }[];
    comparisons: { a: string; b: string; pValue: number }[];
    omitted?: {
      digit: number;
      errors: number;
      errorsOnDigit: number;
      biasShift: number;
      errorsShifted: number;
      errorsOnDigitShifted: number;
    };
  }[];
}

const resultsOf = (name: string): Results => JSON.parse(readKept(name, 'results.json')!) as Results;
const mean = (values: readonly number[]): number => meanAndInterval(values).mean;
const count = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));

/** Mean errors with their interval: over seeds Student's, of one run Wilson's over the images. */
function errorsText(errors: readonly number[], images: number): string {
  const [first] = errors as [number];
  if (errors.length > 1) {
    const { mean: middle, low, high } = meanAndInterval(errors);
    return `${count(middle)} [${low.toFixed(1)}, ${high.toFixed(1)}]`;
  }
  const { low, high } = wilsonInterval(first, images);
  return `${first} [${(images * low).toFixed(0)}, ${(images * high).toFixed(0)}]`;
}

/** How often the distilled student beats its twin: '4 of 5 seeds, 2 at p < .05'; of one seed its p. */
function againstLabels({ seeds }: Results): string {
  const errors = (seed: Results['seeds'][number], key: string): number =>
    seed.networks.find((network) => network.key === key)!.test.errors;
  const pairs = seeds.map((seed) => ({
    fewer: errors(seed, 'student') < errors(seed, 'scratch'),
    p: seed.comparisons.find(({ a, b }) => [a, b].sort().join() === 'scratch,student')!.pValue,
  }));
  if (pairs.length === 1) return `p = ${pairs[0]!.p.toFixed(3).replace(/^0/, '')}`;
  const better = pairs.filter(({ fewer }) => fewer);
  return `fewer in ${better.length} of ${pairs.length} seeds, ${better.filter(({ p }) => p < 0.05).length} at p < .05`;
}

/** An MNIST run that is kept, a network a row, under its header. */
export function mnistTable(name: string): string[][] {
  const results = resultsOf(name);
  const [first] = results.seeds as [Results['seeds'][number]];
  const header = [
    'network',
    'seeds',
    'test errors',
    'accuracy',
    'parameters',
    'epochs',
    'minutes',
    'against labels alone',
  ];
  const rows = first.networks.map(({ key, label, parameters, history, loaded, test: { images } }, i) => {
    const all = results.seeds.map(({ networks }) => networks[i]!);
    const errors = (loaded ? all.slice(0, 1) : all).map(({ test }) => test.errors);
    return [
      label,
      String(errors.length),
      errorsText(errors, images),
      `${(100 * (1 - mean(errors) / images)).toFixed(2)} %`,
      parameters.toLocaleString('en'),
      loaded ? '' : String(history),
      loaded ? '' : (mean(all.map(({ trainSeconds }) => trainSeconds)) / 60).toFixed(1),
      key === 'student' ? againstLabels(results) : '',
    ];
  });
  return [header, ...rows];
}

/** What a distilled student makes of a digit that it never saw, before and after the paper's correction of its bias. */
export function omittedTable(name: string): string[][] {
  const all = resultsOf(name).seeds.flatMap(({ omitted }) => (omitted ? [omitted] : []));
  const of = (key: keyof (typeof all)[number]): string => count(mean(all.map((each) => each[key])));
  return [
    [`distilled without a ${all[0]!.digit}`, 'seeds', 'test errors', 'of them on it'],
    ['as it is', String(all.length), of('errors'), of('errorsOnDigit')],
    [`its bias raised by ${of('biasShift')}`, String(all.length), of('errorsShifted'), of('errorsOnDigitShifted')],
  ];
}
