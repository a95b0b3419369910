import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { describe, it } from 'vitest';
import { batchNormGradientReference, batchNormReference } from '../../testing/batch-norm-reference.ts';
import { checkKernel } from '../../testing/check-kernel.ts';
import { noise } from '../../testing/convolution-cases.ts';
import { denseReference } from '../../testing/convolution-reference.ts';
import { machineTargets } from '../../testing/machine-targets.ts';
import type { Layout } from '../lowering.ts';

const targets = await machineTargets();
const RUNS = 50;
const EPSILON = 1e-3;

const channels = fc.constantFrom(1, 3, 4, 8, 12, 24, 100);
const size = fc.integer({ min: 1, max: 15 });
/** Of two values the gradient is next to zero, and what is left of it is rounding. */
const images = fc
  .tuple(fc.integer({ min: 1, max: 3 }), size, size, channels)
  .filter(([batch, height, width]) => batch * height * width >= 8);
const layout = fc.constantFrom<Layout[]>('tf', 'nchw', 'blocked');
const activation = fc.constantFrom(undefined, 'relu', 'relu6');

interface Case {
  shape: number[];
  layouts: [Layout, Layout];
  residual: boolean;
  act: string | undefined;
  seed: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  shape: images.map((each): number[] => each),
  layouts: fc.tuple(layout, layout),
  residual: fc.boolean(),
  act: activation,
  seed: fc.nat(1e6),
});
const matrices = fc.record<Case>({
  shape: fc.tuple(fc.integer({ min: 8, max: 30 }), channels).map((each): number[] => each),
  layouts: fc.constant(['tf', 'tf']),
  residual: fc.constant(false),
  act: fc.constant(undefined),
  seed: fc.nat(1e6),
});

const activate = (y: tf.Tensor, act: string | undefined): tf.Tensor =>
  act === 'relu' ? tf.relu(y) : act === 'relu6' ? tf.relu6(y) : y;

/** Around 1, so that no channel is switched off. */
const parameters = (count: number, seed: number) => ({
  gamma: tf.add(1, tf.mul(0.2, noise([count], seed))) as tf.Tensor,
  beta: noise([count], seed + 1),
});

async function checkForward(
  { shape, layouts, residual, act, seed }: Case,
  shift = 0.5,
  tolerance = 1e-5,
): Promise<void> {
  const x = tf.add(noise(shape, seed), shift) as tf.Tensor;
  const { gamma, beta } = parameters(shape.at(-1)!, seed + 1);
  const z = noise(shape, seed + 3);
  await checkKernel(
    {
      op: 'KdBatchNorm',
      ins: { x, gamma, beta, ...(residual ? { z } : {}) },
      attrs: { epsilon: EPSILON, ...(act ? { act } : {}) },
    },
    {
      targets,
      tolerance,
      forms: { x: layouts[0], ...(residual ? { z: layouts[1] } : {}) },
      expected: () => {
        const { y, mean, variance } = batchNormReference(x, gamma, beta, EPSILON);
        const sum = residual ? tf.add(y, z) : y;
        return [activate(sum, act), mean, variance, mean, variance].map((tensor) => tensor.clone());
      },
    },
  );
}

describe('KdBatchNorm', () => {
  it.each([
    ['images', cases],
    ['matrices', matrices],
  ])('normalises %s', async (_what, each) => {
    await fc.assert(
      fc.asyncProperty(each, (one) => checkForward(one)),
      { numRuns: RUNS },
    );
  });

  it.each([10, 100, 1000])('keeps its digits where the mean is %d deviations', async (shift) => {
    const layouts: Layout[] = ['tf', 'nchw', 'blocked'];
    for (const each of layouts) {
      const one: Case = { shape: [3, 15, 14, 24], layouts: [each, each], residual: false, act: undefined, seed: 5 };
      // Numbers of that size have an error of 6e-8 of themselves before anything is computed.
      await checkForward(one, shift, 1e-5 + 4e-7 * shift);
    }
  });
});

describe('KdBatchNormGrad', () => {
  it.each([
    ['images', cases],
    ['matrices', matrices],
  ])('is the gradient for %s', async (_what, each) => {
    await fc.assert(
      fc.asyncProperty(each, async ({ shape, layouts, seed }) => {
        const x = noise(shape, seed);
        const dy = tf.add(noise(shape, seed + 1), 0.5) as tf.Tensor; // sums that are not next to zero
        const { gamma, beta } = parameters(shape.at(-1)!, seed + 2);
        const { mean, variance } = batchNormReference(x, gamma, beta, EPSILON);
        await checkKernel(
          {
            op: 'KdBatchNormGrad',
            ins: { dy, x, gamma, saved0: mean, saved1: variance },
            attrs: { epsilon: EPSILON },
          },
          {
            targets,
            tolerance: 5e-5,
            forms: { dy: layouts[0], x: layouts[1] },
            expected: () => {
              const { dx, dGamma, dBeta } = batchNormGradientReference(dy, x, gamma, EPSILON);
              return [dx, dGamma, dBeta];
            },
          },
        );
      }),
      { numRuns: RUNS },
    );
  });
});

describe('FusedBatchNorm', () => {
  it('is that of the cpu backend', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.boolean(), async ({ shape, layouts, seed }, bare) => {
        const count = shape.at(-1)!;
        const { gamma: scale, beta: offset } = parameters(count, seed);
        const mean = noise([count], seed + 2);
        const variance = tf.abs(noise([count], seed + 3)) as tf.Tensor;
        const ins = { x: noise(shape, seed + 4), mean, variance, ...(bare ? {} : { scale, offset }) };
        await checkKernel(
          { op: 'FusedBatchNorm', ins, attrs: { varianceEpsilon: EPSILON } },
          { targets, forms: { x: layouts[0] } },
        );
      }),
      { numRuns: RUNS },
    );
  });
});

interface Fused {
  x: number[];
  outputs: number;
  layouts: [Layout, Layout];
  residual: boolean;
  act: string | undefined;
  shift: number;
  seed: number;
}

const fused: fc.Arbitrary<Fused> = fc.record({
  // From one channel, the filter's gradient is zero: batch-norm does not feel its scale.
  x: images.filter((each) => each[3] > 1).map((each): number[] => each),
  outputs: channels,
  layouts: fc.tuple(layout, layout),
  residual: fc.boolean(),
  act: activation,
  shift: fc.constantFrom(0.5, 0.5, 10), // so that means are not next to zero
  seed: fc.nat(1e6),
});

/** The convolution's output and what batch-norm needs. */
function operands({ x: shape, outputs, shift, seed }: Fused) {
  const x = tf.add(noise(shape, seed), shift) as tf.Tensor;
  const filter = noise([1, 1, shape[3]!, outputs], seed + 1);
  const wide = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'valid') as tf.Tensor;
  return { x, filter, wide, ...parameters(outputs, seed + 2) };
}

describe('KdConvBatchNorm', () => {
  it('is the convolution and then batch-norm', async () => {
    await fc.assert(
      fc.asyncProperty(fused, async (each) => {
        const { x, filter, wide, gamma, beta } = operands(each);
        await checkKernel(
          {
            op: 'KdConvBatchNorm',
            ins: { x, filter, gamma, beta },
            attrs: { epsilon: EPSILON, ...(each.act ? { act: each.act } : {}) },
          },
          {
            targets,
            tolerance: each.shift > 1 ? 2e-4 : 5e-5,
            forms: { x: each.layouts[0] },
            expected: () => {
              const { y, mean, variance } = batchNormReference(wide, gamma, beta, EPSILON);
              return [activate(y, each.act), mean, variance, mean, variance].map((tensor) => tensor.clone());
            },
          },
        );
      }),
      { numRuns: RUNS },
    );
  });

  it('has the gradient of the two', async () => {
    await fc.assert(
      fc.asyncProperty(fused, async (each) => {
        const { x, filter, wide, gamma, beta } = operands(each);
        const dy = tf.add(noise(wide.shape, each.seed + 5), 0.5) as tf.Tensor;
        const z = noise(each.x, each.seed + 6);
        const { mean, variance } = batchNormReference(wide, gamma, beta, EPSILON);
        const of = {
          x: each.x as [number, number, number, number],
          kernel: [1, 1] as [number, number],
          strides: [1, 1] as [number, number],
          dilations: [1, 1] as [number, number],
          pad: 'valid' as const,
          outputs: each.outputs,
          layouts: each.layouts,
          seed: 0,
        };
        await checkKernel(
          {
            op: 'KdConvBatchNormGrad',
            ins: { dy, x, filter, gamma, saved0: mean, saved1: variance, ...(each.residual ? { z } : {}) },
            attrs: { epsilon: EPSILON },
          },
          {
            targets,
            tolerance: each.shift > 1 ? 5e-4 : 1e-4,
            forms: { dy: each.layouts[0], x: each.layouts[1] },
            expected: () => {
              const { dx: dWide, dGamma, dBeta } = batchNormGradientReference(dy, wide, gamma, EPSILON);
              const dx = denseReference.inputGradient(of, dWide, filter);
              const dFilter = denseReference.filterGradient(of, x, dWide);
              return [each.residual ? tf.add(dx, z) : dx, dFilter, dGamma, dBeta];
            },
          },
        );
      }),
      { numRuns: RUNS },
    );
  });
});
