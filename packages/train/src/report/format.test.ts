import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatClock,
  formatCompact,
  formatCount,
  formatDate,
  formatLoss,
  formatMeasure,
  formatNumber,
  formatPercent,
  formatPercentTick,
  formatProbability,
  formatSeconds,
} from './format.ts';

it('writes counts, shares and measures', () => {
  expect(formatCount(1_276_810)).toBe('1,276,810');
  expect(formatCompact(2_395_210)).toBe('2.4M');
  expect(formatPercent(0.985)).toBe('98.50%');
  expect(formatPercentTick(0.985)).toBe('98.5%');
  expect(formatLoss(0.057)).toBe('0.0570');
  expect(formatMeasure(0.028)).toBe('0.0280');
});

it.each([
  [0, '0'],
  [0.0521234, '0.0521'],
  [1e-4, '10⁻⁴'],
  [2.134e-6, '2.13×10⁻⁶'],
  [20, '20'],
])('writes %d as %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

it.each([
  [0, '0'],
  [1, '1'],
  [0.9996, '1.000'],
  [0.0341, '0.034'],
  [2e-5, '2.0×10⁻⁵'],
  [1.3e-12, '1.3×10⁻¹²'],
])('writes probability %d as %s', (value, text) => {
  expect(formatProbability(value)).toBe(text);
});

it.each([
  [0.5, '0.5 s'],
  [42.12, '42.1 s'],
  [94.2, '1 min 34 s'],
  [119.7, '2 min 0 s'],
  [3599, '1 h 0 min'],
  [8040, '2 h 14 min'],
])('writes %d seconds as %s', (value, text) => {
  expect(formatSeconds(value)).toBe(text);
});

it.each([
  [0, '0:00'],
  [59.6, '1:00'],
  [96, '1:36'],
  [8045, '2:14:05'],
  [-3, '0:00'],
])('writes %d seconds as %s on the clock', (value, text) => {
  expect(formatClock(value)).toBe(text);
});

it.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [9949, '9.9 kB'],
  [9960, '10 kB'],
  [999_600, '1.0 MB'],
  [1.61e9, '1.6 GB'],
  [5e15, '5,000 TB'],
])('writes %d bytes as %s', (value, text) => {
  expect(formatBytes(value)).toBe(text);
});

it('writes dates in UTC, and keeps text that is none', () => {
  expect(formatDate('2026-03-04T09:05:00Z')).toMatch(/^March 4, 2026 at 9:05.AM UTC$/);
  expect(formatDate('yesterday')).toBe('yesterday');
});

describe('what was not measured', () => {
  // NaN comes back from results.json as null.
  const missing = [Number.NaN, Number.POSITIVE_INFINITY, null as unknown as number];
  it.each([
    formatBytes,
    formatClock,
    formatCount,
    formatLoss,
    formatMeasure,
    formatNumber,
    formatPercent,
    formatProbability,
    formatSeconds,
  ])('%o', (format) => {
    for (const value of missing) expect(format(value)).toBe('–');
  });
});
