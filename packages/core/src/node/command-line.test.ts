import { expect, expectTypeOf, it } from 'vitest';
import { readOptions } from './command-line.ts';

const SPECS = {
  data: { type: 'text' },
  'learning-rate': { type: 'number', above: 0 },
  lambda: { type: 'number', min: 0, max: 1 },
  epochs: { type: 'integer', min: 1 },
  preset: { type: 'choice', of: ['quick', 'corrected'] },
  resume: { type: 'flag' },
  arms: { type: 'choices', of: ['scratch', 'label smoothing'] },
} as const;

it('gives what was given, by names in camel case, and nothing else', () => {
  expect(readOptions([], SPECS)).toEqual({});
  const given = readOptions(
    ['--data', 'a b', '--learning-rate=1e-4', '--epochs', '3', '--resume', '--preset', 'quick', '--lambda', '0'],
    SPECS,
  );
  expect(given).toEqual({ data: 'a b', learningRate: 1e-4, epochs: 3, resume: true, preset: 'quick', lambda: 0 });
  expectTypeOf(given).toEqualTypeOf<{
    data?: string;
    learningRate?: number;
    lambda?: number;
    epochs?: number;
    preset?: 'quick' | 'corrected';
    resume?: boolean;
    arms?: ('scratch' | 'label smoothing')[];
  }>();
  expect(readOptions(['--arms', 'label smoothing, scratch'], SPECS)).toEqual({ arms: ['label smoothing', 'scratch'] });
});

it.each([
  [['--epochs', '0'], "--epochs must be an integer >= 1, got '0'"],
  [['--epochs', '1.5'], "--epochs must be an integer >= 1, got '1.5'"],
  [['--epochs', ''], "--epochs must be an integer >= 1, got ''"],
  [['--learning-rate', '0'], "--learning-rate must be a number > 0, got '0'"],
  [['--learning-rate', 'Infinity'], "--learning-rate must be a number > 0, got 'Infinity'"],
  [['--lambda', '1.1'], "--lambda must be a number >= 0 and <= 1, got '1.1'"],
  [['--preset', 'slow'], "--preset must be one of quick, corrected, got 'slow'"],
  [['--arms', 'scratch,none'], "--arms must be of scratch, label smoothing, with commas between, got 'scratch,none'"],
  [['--arms', ''], "--arms must be of scratch, label smoothing, with commas between, got ''"],
  [['--epoch', '3'], "Unknown option '--epoch'"],
  [['beans'], "Unexpected argument 'beans'"],
  [['--data'], "Option '--data <value>' argument missing"],
])('%j: refused', (args, message) => {
  expect(() => readOptions(args, SPECS)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  expect(() => readOptions(args, SPECS)).toThrow(message);
});
