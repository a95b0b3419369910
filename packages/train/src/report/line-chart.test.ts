import { expect, it } from 'vitest';
import { lineChart } from './line-chart.ts';
import type { NetworkStyle } from './marker.ts';

const style: NetworkStyle = { name: 'Student', color: 'var(--student)', shape: 'circle' };

const chart = (values: readonly number[], at?: readonly number[]): string =>
  lineChart({
    summary: 'a line',
    series: [{ ...style, values, ...(at ? { at } : {}) }],
    ticks: [0, 1],
    label: 'value',
    format: String,
  }).markup;

/** What shows when one points at an epoch. */
const hints = (markup: string): string[] => [...markup.matchAll(/<title>(.*?)<\/title>/gs)].map(([, text]) => text!);

const points = (markup: string): number[][] =>
  [...(/ d="([^"]*)"/.exec(markup)?.[1] ?? '').matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);

it('puts values of epochs at equal distances, and passes over those that are missing', () => {
  const found = points(chart([0, 1, Number.NaN, 0.5]));
  expect(found).toHaveLength(3);
  const [a, b, d] = found.map(([x]) => x!) as [number, number, number];
  expect(d - b).toBeCloseTo(2 * (b - a), 1);
});

it('puts values inside of epochs where they are from', () => {
  const found = points(chart([0, 0.25, 0.5, 1], [0.5, 1, 1.5, 2]));
  const gaps = found.slice(1).map(([x], i) => x! - found[i]![0]!);
  expect(gaps[1]).toBeCloseTo(gaps[0]!, 1);
  expect(gaps[2]).toBeCloseTo(gaps[0]!, 1);
});

it('tells the values at the end of each epoch', () => {
  expect(hints(chart([0, 1, 0.5]))).toEqual(['Epoch 1\nStudent: 0', 'Epoch 2\nStudent: 1', 'Epoch 3\nStudent: 0.5']);
  // Nothing is from the second epoch, and the third is under way.
  expect(hints(chart([0.1, 0.2, 0.3], [0.5, 1, 2.25]))).toEqual([
    'Epoch 1\nStudent: 0.2',
    'Epoch 2',
    'Epoch 3\nStudent: 0.3',
  ]);
});
