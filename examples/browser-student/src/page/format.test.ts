import { expect, it } from 'vitest';
import { median } from '../networks/latency.ts';
import { label, megabytes, milliseconds, percent, ratio } from './format.ts';
import { sentence } from './sentence.ts';

it('is certain only of what is', () => {
  expect([0, 0.12345, 0.9994, 0.9996, 0.99991].map(percent)).toEqual([
    '0.0 %',
    '12.3 %',
    '99.9 %',
    '99.9 %',
    '100.0 %',
  ]);
});

it('compares sizes and times', () => {
  expect(ratio(2_400_010, 1_280_010, 'fewer', 'more')).toBe('1.9 × fewer');
  expect(ratio(2, 5, 'faster', 'slower')).toBe('2.5 × slower');
  expect([
    megabytes(9_619_240),
    megabytes(22_950_000),
    milliseconds(1.234),
    milliseconds(12.34),
    milliseconds(1234),
  ]).toEqual(['9.62 MB', '23.0 MB', '1.23 ms', '12.3 ms', '1,234 ms']);
  expect(label('angular_leaf_spot')).toBe('angular leaf spot');
});

it('takes the middle of times, not their mean', () => {
  expect(median([900, 1, 3, 2, 4])).toBe(3);
  expect(median([4, 1, 3, 200])).toBe(3.5);
});

it('tells an error as a sentence, without the name of a function', () => {
  expect(sentence(new Error('createProcessor: size is 0, expected an integer > 0'))).toBe(
    'Size is 0, expected an integer > 0.',
  );
  expect(sentence(new TypeError('Failed to fetch\n    at x'))).toBe('Failed to fetch.');
});
