import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { describe, it } from 'vitest';
import { checkKernel } from '../../testing/check-kernel.ts';
import { noise } from '../../testing/convolution-cases.ts';
import { machineTargets } from '../../testing/machine-targets.ts';
import type { Layout } from '../lowering.ts';

const targets = await machineTargets();
const size = fc.integer({ min: 1, max: 15 });
const images = fc.record({
  shape: fc.tuple(fc.integer({ min: 1, max: 3 }), size, size, fc.constantFrom(1, 3, 4, 8, 12, 24, 100)),
  layout: fc.constantFrom<Layout[]>('tf', 'nchw', 'blocked'),
  keepDims: fc.boolean(),
  seed: fc.nat(1e6),
});

describe.each(['Mean', 'Sum'])('%s over height and width', (op) => {
  it('is that of the cpu backend', async () => {
    await fc.assert(
      fc.asyncProperty(images, async ({ shape, layout, keepDims, seed }) => {
        const x = tf.add(noise(shape, seed), 1); // a mean near zero has no relative accuracy, by no order of summing
        const axis = [1, 2];
        await checkKernel(
          { op, ins: { x }, attrs: { axis, keepDims } },
          {
            targets,
            forms: { x: layout },
            expected: () => [op === 'Mean' ? tf.mean(x, axis, keepDims) : tf.sum(x, axis, keepDims)],
          },
        );
      }),
      { numRuns: 40 },
    );
  });
});

describe('BroadcastTo', () => {
  it('spreads a value for each channel over its image', async () => {
    await fc.assert(
      fc.asyncProperty(images, async ({ shape, seed }) => {
        const [batch, , , channels] = shape;
        const x = noise([batch, 1, 1, channels], seed);
        await checkKernel(
          { op: 'BroadcastTo', ins: { x }, attrs: { shape } },
          { targets, expected: () => [tf.broadcastTo(x, shape)] },
        );
      }),
      { numRuns: 40 },
    );
  });
});
