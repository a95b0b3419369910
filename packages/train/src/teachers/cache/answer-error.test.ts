import { randomSource } from '@kd/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerError } from './answer-error.ts';
import { type AnswerFormat, decodeAnswers, encodeAnswers, resolveFormat } from './answer-format.ts';

const softmax = (values: ArrayLike<number>, temperature: number): number[] => {
  const softened = Array.from(values, (value) => value / temperature);
  const most = Math.max(...softened);
  const parts = softened.map((value) => Math.exp(value - most));
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
};

const keptOf = (logits: Float32Array, format: AnswerFormat): Float32Array =>
  decodeAnswers(encodeAnswers('test', { logits, features: {} }, 1, resolveFormat('test', format)), 1).logits;

const divergence = (p: readonly number[], q: readonly number[]): number =>
  p.reduce((sum, value, i) => (value > 0 ? sum + value * Math.log(value / q[i]!) : sum), 0);

const logits = fc
  .array(fc.double({ min: -20, max: 20, noNaN: true }).map(Math.fround), { minLength: 3, maxLength: 12 })
  .map((values) => Float32Array.from(values));
const temperatures = fc.constantFrom(1, 2, 5, 20);

describe('what topK keeps', () => {
  it('is the largest logits as they are, and the mass of the others at the temperature', () => {
    fc.assert(
      fc.property(logits, fc.integer({ min: 1, max: 11 }), temperatures, (values, k, temperature) => {
        fc.pre(k < values.length);
        const kept = keptOf(values, { topK: k, temperature });
        const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
        for (const index of order.slice(0, k)) expect(kept[index]).toBe(values[index]);
        const others = order.slice(k);
        expect(new Set(others.map((index) => kept[index])).size).toBe(1);
        const [whole, sparse] = [softmax(values, temperature), softmax(kept, temperature)];
        order.slice(0, k).forEach((index) => {
          expect(Math.abs(sparse[index]! / whole[index]! - 1)).toBeLessThan(1e-5);
        });
      }),
    );
  });

  it('errs by no more than the bounds', () => {
    fc.assert(
      fc.property(logits, fc.integer({ min: 1, max: 11 }), temperatures, (values, k, temperature) => {
        fc.pre(k < values.length);
        const format = { topK: k, temperature };
        const [p, q] = [softmax(values, temperature), softmax(keptOf(values, format), temperature)];
        const rest = [...p]
          .sort((a, b) => b - a)
          .slice(k)
          .reduce((sum, value) => sum + value, 0);
        const { mean, max } = answerError(values, values.length, format);
        expect(mean).toBe(max);
        expect(Math.abs(max - temperature ** 2 * divergence(p, q))).toBeLessThan(1e-9 * temperature ** 2);
        expect(max).toBeLessThanOrEqual(
          temperature ** 2 * rest * Math.log(values.length - k) + 1e-6 * temperature ** 2,
        );
        const moved = p.reduce((sum, value, i) => sum + Math.abs(value - q[i]!), 0);
        expect(moved).toBeLessThanOrEqual(2 * rest + 1e-5);
      }),
    );
  });

  it('needs the temperature that it is used at', () => {
    const random = randomSource({ seed: 1, stream: 'logits' });
    const values = Float32Array.from({ length: 1000 }, () => 3 * random.normal());
    const at = (temperature: number): number => {
      const q = softmax(keptOf(values, { topK: 20, temperature }), 4);
      return divergence(softmax(values, 4), q);
    };
    expect(at(4)).toBeLessThan(at(1)); // the least of all even spreads
    expect(at(4)).toBeLessThan(at(8));
  });
});

describe('float16', () => {
  it('errs by at most half of the squared rounding error, at any temperature', () => {
    fc.assert(
      fc.property(logits, temperatures, (values, temperature) => {
        const largest = Math.max(...values.map(Math.abs), 2 ** -14);
        const { max } = answerError(values, values.length, { precision: 'float16', temperature });
        expect(max).toBeLessThanOrEqual((largest * 2 ** -11) ** 2 / 2 + 1e-14 * temperature ** 2);
      }),
    );
  });

  it('says so where it cannot hold a value', () => {
    expect(() => answerError(Float32Array.of(65519, 1), 2, { precision: 'float16' })).not.toThrow();
    expect(() => answerError(Float32Array.of(65520, 1), 2, { precision: 'float16' })).toThrow(
      "answerError: an answer has the value 65520, which float16 cannot hold; keep it with precision 'float32'",
    );
  });
});

it('is 0 for what is kept as it is', () => {
  expect(answerError(Float32Array.of(1, 2, 3, 4), 2, {})).toEqual({ samples: 2, mean: 0, max: 0 });
});

it.each([
  [{ topK: 0 }, 'topK must be an integer >= 1, got 0'],
  [{ topK: 3 }, 'topK is 3, of 3 classes; leave it out to keep all of them'],
  [{ temperature: 0 }, 'temperature must be > 0, got 0'],
  [{ precision: 'float8' as 'float16' }, "precision must be 'float32' or 'float16', got float8"],
])('refuses %o', (format, message) => {
  expect(() => answerError(new Float32Array(3), 3, format)).toThrow(`answerError: ${message}`);
});
