import type * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useBackend } from '../../testing/backends.ts';
import { below } from '../../testing/below.ts';
import { crdNegatives } from './crd-negatives.ts';

const rows = (drawn: tf.Tensor2D): number[][] => {
  const values = drawn.arraySync();
  drawn.dispose();
  return values;
};

describe('crdNegatives', () => {
  useBackend('cpu');
  const labels = Array.from({ length: 60 }, (_, i) => (i * 7) % 5);

  it('draws samples of other classes, none twice, behind the sample itself', () => {
    const samples = [0, 59, 13];
    const drawn = rows(crdNegatives({ labels, negatives: 48 })(samples, below(1)));
    for (const [i, [sample, ...negatives]] of drawn.entries()) {
      expect(sample).toBe(samples[i]);
      const others = labels.flatMap((label, other) => (label === labels[sample!] ? [] : [other]));
      expect(negatives.sort((a, b) => a - b)).toEqual(others); // all 48 of them
    }
  });

  it.each([1, 10, 47, 48, 100])('draws %i with even chances', (negatives) => {
    const draw = crdNegatives({ labels, negatives });
    const counts = new Map<number, number>();
    const total = 48_000;
    const batch = new Array(total / 48).fill(3);
    for (const [, ...drawn] of rows(draw(batch, below(negatives)))) {
      for (const sample of drawn) counts.set(sample, (counts.get(sample) ?? 0) + 1);
    }
    const expected = (batch.length * negatives) / 48;
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeLessThan(100); // p = 1e-5 with 47 degrees of freedom
    expect(counts.size).toBe(48);
  });

  it('draws the same whatever was drawn before', () => {
    const draw = crdNegatives({ labels, negatives: 5 });
    const replay = () => rows(draw([3, 8], below(1)));
    const first = replay();
    rows(draw([1, 2, 3], below(2)));
    expect(replay()).toEqual(first);
  });

  it('says what is wrong', () => {
    expect(() => crdNegatives({ labels: [1, 1, 1] })).toThrow('crdNegatives: all samples are of one class');
    expect(() => crdNegatives({ labels: [] })).toThrow('crdNegatives: all samples are of one class');
    expect(() => crdNegatives({ labels, negatives: 0 })).toThrow('negatives must be a whole number > 0, got 0');
    expect(() => crdNegatives({ labels, count: 3 } as never)).toThrow('count is none of labels, negatives');
    expect(() => crdNegatives({ labels })([60], below(1))).toThrow('crdNegatives: sample 60 is not in [0, 60)');
  });

  it('refuses draws that are no whole numbers, as of Math.random', () => {
    const draw = crdNegatives({ labels: [0, 1, 2, 3], negatives: 2 });
    expect(() => draw([0, 1], () => 0.5)).toThrow(
      'crdNegatives: below must draw a whole number below its bound, got 0.5',
    );
    expect(() => draw([0, 1], (bound) => bound)).toThrow('crdNegatives: below must draw');
  });
});
