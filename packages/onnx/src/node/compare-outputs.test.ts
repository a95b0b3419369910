import { expect, it } from 'vitest';
import { compareOutputs } from './compare-outputs.ts';

/** Nine outputs of a hundred numbers and a loss; each off by its own share of `error` around it, as gates of ReLU make them. */
function outputs(error: number, seed: number, bias = 0): Record<string, { data: Float32Array }> {
  const draw = (i: number): number => Math.sin(1 + 12.9898 * i + seed) * Math.SQRT2;
  const gradients = Array.from({ length: 9 }, (_, k) => {
    const data = Float32Array.from({ length: 100 }, (_, i) => Math.cos(i + k) * (1 + bias + error * draw(100 * k + i)));
    return [`gradient${k}`, { data }] as const;
  });
  return { loss: { data: Float32Array.of(2) }, ...Object.fromEntries(gradients) };
}

const expected = outputs(0, 0);

it('takes what rounding makes of it, and no more', () => {
  expect(compareOutputs(outputs(1e-6, 1), expected, outputs(1e-6, 2))).toBeUndefined();
  // MobileNetV2, new, on noise: 1.0 % between lowerings, 0.8 % from the last digits of its images
  expect(compareOutputs(outputs(0.0104, 1), expected, outputs(0.0083, 2))).toBeUndefined();
});

it.each([1e-6, 0.0083])('finds gradients that are 2 % too large, where rounding makes %f of difference', (rounding) => {
  const wrong = outputs(rounding, 1, 0.02);
  expect(compareOutputs(wrong, expected, outputs(rounding, 2))).toMatch(/^is off by 2\.\d % in half of its outputs$/);
});

it('finds a loss that is off, and what is no number', () => {
  const right = outputs(0, 0);
  const [loss, nothing] = [Float32Array.of(2.25), Float32Array.of(Number.NaN)];
  expect(compareOutputs({ ...right, loss: { data: loss } }, expected, right)).toMatch(/^gives 2.25 for 'loss'/);
  expect(compareOutputs({ ...right, loss: { data: nothing } }, expected, right)).toBe("gives no number for 'loss'");
});
