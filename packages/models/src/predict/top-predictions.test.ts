import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topPredictions } from './top-predictions.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `class ${i}`);

describe('topPredictions', () => {
  it('is the pipeline of transformers', () => {
    // transformers 4.57.6, transformers.pipelines.image_classification.softmax in float64
    const logits = [0.25, -3, 7.5, 7, 1e-3, 2];
    expect(topPredictions(logits, { classNames: names(6), topK: 3 })).toEqual([
      { label: 'class 2', index: 2, score: expect.closeTo(0.620382501, 9) },
      { label: 'class 3', index: 3, score: expect.closeTo(0.376281008, 9) },
      { label: 'class 5', index: 5, score: expect.closeTo(0.00253536149, 9) },
    ]);
  });

  it('gives probabilities in falling order, however large the logits', () => {
    const logit = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 });
    fc.assert(
      fc.property(fc.array(logit, { minLength: 1, maxLength: 40 }), (logits) => {
        const found = topPredictions(logits, { classNames: names(logits.length), topK: 50 });
        expect(found.map(({ index }) => index).sort((a, b) => a - b)).toEqual(logits.map((_, i) => i));
        expect(found.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 12);
        for (const [i, { score, index }] of found.entries()) {
          const before = found[i - 1];
          if (!before) continue;
          expect(score).toBeLessThanOrEqual(before.score);
          expect(logits[index]).toBeLessThanOrEqual(logits[before.index]!);
          if (logits[index] === logits[before.index]) expect(index).toBeGreaterThan(before.index);
        }
      }),
    );
  });

  it('refuses what is no set of logits', () => {
    const classNames = ['a', 'b'];
    expect(() => topPredictions([1], { classNames })).toThrow('topPredictions: 1 logits, but 2 classNames');
    expect(() => topPredictions([1, Number.NaN], { classNames })).toThrow("the logit of 'b' (1) is NaN");
    expect(() => topPredictions([1, 2], { classNames, topK: 0.5 })).toThrow(
      'topPredictions: topK must be a whole number > 0, got 0.5',
    );
  });
});
