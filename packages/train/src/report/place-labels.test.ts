import { expect, it } from 'vitest';
import { placeLabels } from './place-labels.ts';

const FRAME = { x: 50, y: 20, width: 400, height: 220 };

it('writes to the right of a point with room', () => {
  const [label] = placeLabels([{ x: 100, y: 100, text: 'Teacher' }], [], FRAME);
  expect(label).toMatchObject({ anchor: 'start' });
  expect(label!.x).toBeGreaterThan(100);
});

it('writes to the left of a point at the right edge', () => {
  const [label] = placeLabels([{ x: 445, y: 100, text: 'Teacher' }], [], FRAME);
  expect(label).toMatchObject({ anchor: 'end' });
});

it('keeps the labels of two points in one place apart', () => {
  const points = ['From labels alone', 'Distilled student'].map((text) => ({ x: 200, y: 100, text }));
  const [a, b] = placeLabels(points, [], FRAME);
  const apart = a!.anchor !== b!.anchor || Math.abs(a!.y - b!.y) >= 16;
  expect(apart).toBe(true);
});
