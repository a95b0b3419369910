import fc from 'fast-check';
import { expect, it } from 'vitest';
import { barText, fitLine } from './fit-line.ts';

const parts = [
  { text: 'Epoch 1/3', priority: Infinity },
  { text: 'loss 0.5', priority: 2 },
  { text: 'memory', priority: 1 },
];

it('shows everything where there is room', () => {
  expect(fitLine(parts, 27)).toBe('Epoch 1/3  loss 0.5  memory');
});

it('leaves out what is least important, then cuts what is left', () => {
  expect(fitLine(parts, 26)).toBe('Epoch 1/3  loss 0.5');
  expect(fitLine(parts, 18)).toBe('Epoch 1/3');
  expect(fitLine(parts, 5)).toBe('Epoch');
});

it('is never wider than it may be, colours not counted', () => {
  const part = fc.record({ text: fc.string({ maxLength: 20 }), priority: fc.integer({ min: 0, max: 5 }) });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 80 }), (all, columns) => {
      const line = fitLine(
        all.map((each) => ({ ...each, paint: (text: string) => `<${text}>` })),
        columns,
      );
      const painted = Math.max(0, all.filter(({ text }) => text !== '').length * 2);
      expect(line.length).toBeLessThanOrEqual(columns + painted);
      expect(fitLine(all, columns).length).toBeLessThanOrEqual(columns);
    }),
  );
});

it('draws a bar of whole characters', () => {
  expect(barText(0, 4)).toBe('[    ]');
  expect(barText(0.5, 4)).toBe('[==  ]');
  expect(barText(1, 4)).toBe('[====]');
  expect(barText(1.2, 4)).toBe('[====]');
});
